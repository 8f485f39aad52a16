/** The demo of `npm start`, driven as a visitor does it: in Chromium, without client JavaScript. */
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDemo } from "./server.ts";
import type { Demo } from "./server.ts";
import { partPath } from "../setup/parts.ts";

const STORES = ["sealed", "table", "lmdb"] as const;

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

afterAll(async () => {
  await demo.stop();
});

const executablePath = partPath("chromium");

describe.skipIf(executablePath === undefined)("the demo in a browser", { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  it.each(STORES)("a visitor signs in, works and signs out (%s)", async (store) => {
    await visit({ store }, async ({ page, context }) => {
      const key = `__Host-demo_${store}`;
      expect(await cookie(context, key)).toBeUndefined();
      expect(await size(page)).toBe(0);

      await press(page, "Count up");
      const anonymous = await cookie(context, key);
      expect(anonymous).toBeDefined();
      await signIn(page, "Ada");
      expect(await cookie(context, key)).not.toBe(anonymous);
      await heading(page, "Hello, Ada").waitFor();
      expect(await page.getByRole("status").innerText()).toBe("Welcome, Ada.");
      await page.reload();
      expect(await page.getByRole("status").count()).toBe(0);

      await press(page, "Count up");
      expect(await page.locator(".count").innerText()).toBe("2");
      await press(page, "+ Tea");
      await press(page, "+ Bread");
      await press(page, "+ Tea");
      const inCart = page.getByRole("list", { name: "In the cart" }).getByRole("listitem");
      expect(await inCart.allInnerTexts()).toEqual(["2 × Tea", "1 × Bread"]);
      expect(await page.getByRole("status").innerText()).toBe("Tea is in the cart.");
      await page.reload();
      expect(await page.getByRole("status").count()).toBe(0);

      const before = await cookie(context, key);
      const raw = page.getByRole("region", { name: "The cookie's value" });
      expect(await raw.innerText()).toBe(before);
      expect(await size(page)).toBe(`${key}${before}`.length);
      await press(page, "Renew");
      const renewed = await cookie(context, key);
      expect(renewed).not.toBe(before);
      expect(await page.getByRole("listitem").filter({ hasText: "/renew" }).innerText()).toMatch(
        /changed the token \(asked\)\s+cookie sent/,
      );
      expect(await page.locator(".count").innerText()).toBe("2");

      await press(page, "Forget count");
      expect(await page.locator(".count").innerText()).toBe("0");
      expect(await page.getByRole("button", { name: /^Forget/ }).count()).toBe(3);

      const last = await cookie(context, key);
      await press(page, "Log out");
      await heading(page, "Nobody is signed in").waitFor();
      expect(await cookie(context, key)).toBeUndefined();
      expect(await size(page)).toBe(0);

      // Of an https address the driver makes the cookie Secure, which its name demands.
      const url = demo.url.replace("http:", "https:");
      await context.addCookies([{ name: key, value: last ?? "", url }]);
      await page.reload();
      // A row is gone; of a sealed cookie the page itself says that a copy lives on.
      const greeting = store === "sealed" ? "Hello, Ada" : "Nobody is signed in";
      await heading(page, greeting).waitFor();
    });
  });

  it.each(["table", "lmdb"])(
    "a user sees the list of devices, and signs out one or all others (%s)",
    async (store) => {
      const user = `Ada of ${store}`;
      await visit({ store }, async ({ page: laptop }) => {
        await signIn(laptop, user, "Laptop");
        await visit({ store }, async ({ page: phone }) => {
          await signIn(phone, user, "Phone");
          await visit({ store }, async ({ page: tablet }) => {
            await signIn(tablet, user);
            await laptop.reload();
            expect(await devicesOf(laptop)).toEqual([
              "A device without a name",
              "Phone",
              "Laptop this one",
            ]);
            await press(laptop, "Sign out Phone");
            expect(await laptop.getByRole("status").innerText()).toBe("That device is signed out.");
            await phone.reload();
            await heading(phone, "Nobody is signed in").waitFor();
            await tablet.reload();
            await heading(tablet, `Hello, ${user}`).waitFor();

            await press(laptop, "Sign out all others");
            expect(await devicesOf(laptop)).toEqual(["Laptop this one"]);
            await tablet.reload();
            await heading(tablet, "Nobody is signed in").waitFor();
            const others = laptop.getByRole("button", { name: "Sign out all others" });
            expect(await others.isDisabled()).toBe(true);
            await press(laptop, "Count up");
            await heading(laptop, `Hello, ${user}`).waitFor();
          });
        });
      });
    },
  );

  it("a user sees only the user's own devices, and none if the store keeps no list", async () => {
    await visit({ store: "table" }, async ({ page: one }) => {
      await signIn(one, "Grace", "Mainframe");
      await visit({ store: "table" }, async ({ page: two }) => {
        await signIn(two, "Alan", "Bombe");
        expect(await devicesOf(two)).toEqual(["Bombe this one"]);
      });
    });
    await visit({ store: "sealed" }, async ({ page }) => {
      await signIn(page, "Ada", "Laptop");
      expect(await page.locator("#devices").innerText()).toContain("keeps no list");
      expect(await page.getByRole("button", { name: "Sign out all others" }).count()).toBe(0);
    });
  });

  it("the stores keep their sessions apart, and a visitor switches between them", async () => {
    await visit({ store: "sealed" }, async ({ page }) => {
      await signIn(page, "Ada");
      await page.getByRole("link", { name: "Table in memory" }).click();
      await heading(page, "Nobody is signed in").waitFor();
      await signIn(page, "Grace");
      await page.getByRole("link", { name: "Sealed cookie" }).click();
      await heading(page, "Hello, Ada").waitFor();
    });
  });

  it("the page says so if a sealed cookie would grow too large, and keeps what was there", async () => {
    await visit({ store: "sealed" }, async ({ page }) => {
      await press(page, "Count up");
      for (let kilobytes = 1; kilobytes <= 2; kilobytes++) await press(page, "Put 1 KB in");
      const before = await size(page);
      await press(page, "Put 1 KB in");
      expect(await page.getByText("ERR_SESSION_COOKIE_OVERFLOW").count()).toBe(1);
      await page.getByRole("link", { name: "Back to the demo" }).click();
      expect(await size(page)).toBe(before);
      expect(await page.locator(".count").innerText()).toBe("1");
    });
  });

  it("the page shows as text what a visitor has typed", async () => {
    const name = `<img src=x onerror="alert(1)">&amp;'`;
    await visit({ store: "table" }, async ({ page }) => {
      await signIn(page, name);
      await heading(page, `Hello, ${name}`).waitFor();
      expect(await page.locator("img").count()).toBe(0);
    });
  });

  it("the page loads nothing from elsewhere, keeps to its policy, and fits a phone", async () => {
    await visit({ store: "sealed", width: 360 }, async ({ page }) => {
      const requested: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => requested.push(new URL(request.url()).origin));
      page.on("console", (message) => {
        // Chromium says of a log-in what it was asked to clear. That is no complaint.
        if (!message.text().startsWith("Clear-Site-Data header on "))
          complaints.push(message.text());
      });
      await signIn(page, "A name of forty characters, all of it...");
      await press(page, "Put 1 KB in");
      await page.waitForLoadState("networkidle");
      expect(new Set(requested)).toEqual(new Set([demo.url]));
      expect(complaints).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    });
  });

  async function visit(
    { store, width = 1200 }: { readonly store: string; readonly width?: number },
    walk: (visit: { readonly page: Page; readonly context: BrowserContext }) => Promise<void>,
  ): Promise<void> {
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ javaScriptEnabled: false, viewport });
    try {
      const page = await context.newPage();
      await page.goto(`${demo.url}/${store}`);
      await walk({ page, context });
    } finally {
      await context.close();
    }
  }
});

async function signIn(page: Page, name: string, device = ""): Promise<void> {
  await page.getByLabel("Any name will do").fill(name);
  await page.getByLabel("What to call this device").fill(device);
  await press(page, "Sign in");
}

/** The devices that the page lists, without when they were seen. */
async function devicesOf(page: Page): Promise<readonly string[]> {
  const entries = await page.locator("#devices dl > div").all();
  return Promise.all(
    entries.map(async (entry) => {
      const name = await entry.locator("dt").innerText();
      const seen = await entry.locator("dd").first().innerText();
      return seen === "this one" ? `${name} ${seen}` : name;
    }),
  );
}

/** Presses a button, and waits for the page that follows. */
async function press(page: Page, name: string): Promise<void> {
  const loaded = page.waitForEvent("load");
  await page.getByRole("button", { name, exact: true }).click();
  await loaded;
}

function heading(page: Page, name: string): ReturnType<Page["getByRole"]> {
  return page.getByRole("heading", { name, exact: true });
}

/** The size of the cookie, as the page says. */
async function size(page: Page): Promise<number> {
  return Number(await page.locator("meter").getAttribute("value"));
}

async function cookie(context: BrowserContext, name: string): Promise<string | undefined> {
  const cookies = await context.cookies(demo.url);
  return cookies.find((each) => each.name === name)?.value;
}

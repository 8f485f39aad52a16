/** The same shop in Chromium, with its scripts. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { BOTH } from "./check.ts";
import type { Check } from "./check.ts";

/** Waits until the page has loaded and its scripts run: before that, a click posts the form without them. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(url, { waitUntil: "networkidle" });
}

async function logIn(page: Page, url: string): Promise<void> {
  await open(page, url);
  await page.fill("#login input[name=name]", "ann");
  await page.click("#login button");
  await shows(page, "user", "ann");
}

/** Waits until an element has this text. */
async function shows(page: Page, id: string, expected: string): Promise<void> {
  await page.locator(`#${id}:text-is("${expected}")`).waitFor({ timeout: 15_000 });
}

function text(page: Page, id: string): Promise<string | null> {
  return page.textContent(`#${id}`);
}

export const browserChecks: readonly Check[] = [
  {
    title: "Chromium: actions by script log in, fill the cart and show it at once",
    stores: BOTH,
    async run({ url, browser }) {
      const context = await browser();
      if (!context) return;
      const page = await context.newPage();
      await logIn(page, url);
      for (const cart of ["1", "2"]) {
        await page.click("#add button");
        await shows(page, "cart", cart);
      }
    },
  },
  {
    title:
      "Chromium: a log-out in a second tab holds in the first, and the back button shows nobody",
    stores: BOTH,
    async run({ url, browser }) {
      const context = await browser();
      if (!context) return;
      const [first, second] = [await context.newPage(), await context.newPage()];
      await logIn(first, url);
      await open(second, url);
      expect(await text(second, "user")).toBe("ann");
      await second.click("#logout button");
      await shows(second, "user", "nobody");
      await first.reload({ waitUntil: "networkidle" });
      expect(await text(first, "user")).toBe("nobody");
      await open(second, `${url}/static`);
      await second.goBack({ waitUntil: "networkidle" });
      expect(await text(second, "user")).toBe("nobody");
    },
  },
];

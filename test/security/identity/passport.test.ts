/** Log-in and log-out as Passport does them, on both hosts that have it. */
import { describe, expect, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import type { Browser } from "../../contracts/hosts/client.ts";
import { freshKey } from "../../contracts/hosts/world.ts";
import { form, passportApps } from "../../support/passport-apps.ts";
import type { Data } from "../../support/passport-apps.ts";
import { incident } from "../support/row.ts";

type App = (typeof passportApps)[number];

/** Declares a test for each store of one application. What it gets are new browsers. */
function withEachStore(
  { serve }: App,
  title: string,
  run: (newBrowser: () => Browser, isTable: boolean) => Promise<void>,
): void {
  test.each(storeKinds)(`with $name ${title}`, async ({ open, table }) => {
    const sessions = createSessions<Data>({ store: open().store, key: freshKey() });
    const { browser } = await serve(sessions);
    await run(browser, table !== "none");
  });
}

const login = (browser: Browser): Promise<unknown> => browser.get(`/login${form("open sesame")}`);
const show = async (browser: Browser): Promise<unknown> =>
  JSON.parse((await browser.get("/")).body);

/** What holds for a host's Passport, whichever CVE it had. */
function keepsNoId(app: App): void {
  withEachStore(app, "a planted cookie shows nothing of the log-in", async (newBrowser) => {
    const victim = newBrowser();
    await victim.get("/cart");
    const attacker = victim.twin();
    await login(victim);
    expect(await show(victim)).toMatchObject({ user: "ada" });
    expect(await show(attacker)).not.toHaveProperty("user");
  });

  withEachStore(
    app,
    "a log-out ends what a copy of the cookie opens",
    async (newBrowser, isTable) => {
      const browser = newBrowser();
      await login(browser);
      const copy = browser.twin();
      await browser.get("/logout");
      expect(await show(browser)).not.toHaveProperty("user");
      // A sealed cookie is a copy until its deadline, where no revocations are kept: S25.
      if (isTable) expect(await show(copy)).not.toHaveProperty("user");
    },
  );
}

const [onExpress, onFastify] = passportApps as [App, App];

incident("CVE-2022-25896", () => {
  describe(onExpress.host, () => keepsNoId(onExpress));
});

incident("CVE-2023-29019", () => {
  describe(onFastify.host, () => keepsNoId(onFastify));
});

/** What holds for a host's Passport, whichever CVE it had. */
function keepsNothing(app: App): void {
  withEachStore(
    app,
    "what the session held before the log-in is gone after it",
    async (newBrowser) => {
      const browser = newBrowser();
      await browser.get("/cart");
      expect(await show(browser)).toMatchObject({ cart: "tea" });
      await login(browser);
      expect(await show(browser)).not.toHaveProperty("cart");
    },
  );
}

incident("CVE-2022-24895", () => {
  describe(onExpress.host, () => keepsNothing(onExpress));
});

incident("CVE-2023-29020", () => {
  describe(onFastify.host, () => keepsNothing(onFastify));
});

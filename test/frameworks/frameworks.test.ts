/** Each framework's example: built, served, and driven over HTTP and in Chromium. */
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, it, onTestFinished } from "vitest";
import { partPath } from "../setup/parts.ts";
import { frameworks } from "./frameworks.ts";
import type { Framework } from "./frameworks.ts";
import { browserChecks } from "./support/browser-checks.ts";
import { BOTH } from "./support/check.ts";
import type { Store } from "./support/check.ts";
import { checks } from "./support/checks.ts";
import { build, serve } from "./support/serve.ts";
import type { Served } from "./support/serve.ts";
import { Visitor } from "./support/visitor.ts";

let browser: Browser | undefined;
const executablePath = partPath("chromium");

beforeAll(async () => {
  if (executablePath === undefined) return;
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
});

afterAll(async () => {
  await browser?.close();
});

for (const framework of frameworks) {
  describe(framework.name, () => {
    beforeAll(() => build(framework), 600_000);

    for (const store of BOTH) describe(store, () => drive(framework, store));
  });
}

function drive(framework: Framework, store: Store): void {
  let served: Served;

  beforeAll(async () => {
    served = await serve(framework, store);
  }, 120_000);

  afterAll(async () => {
    await served?.stop();
  });

  for (const { title, stores, run } of [...checks, ...(framework.own ?? []), ...browserChecks]) {
    if (!stores.includes(store)) continue;
    it(title, async () => {
      await run({
        framework,
        store,
        url: served.url,
        visitor: new Visitor(served.url),
        async browser() {
          const context = await browser?.newContext();
          onTestFinished(async () => context?.close());
          return context;
        },
      });
    });
  }
}

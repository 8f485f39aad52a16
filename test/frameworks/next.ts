/** What is special in Next. */
import { expect } from "vitest";
import { BOTH } from "./support/check.ts";
import type { Check } from "./support/check.ts";

export const nextChecks: readonly Check[] = [
  {
    title: "a component that writes gets ERR_SESSION_COMMITTED",
    stores: BOTH,
    async run({ visitor }) {
      const page = await visitor.get("/");
      expect(page.byId("late")).toBe("ERR_SESSION_COMMITTED");
    },
  },
  {
    title: "the proxy leaves a static page to caches, also for a user",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const page = await visitor.get("/static");
      expect(page.cookies).toEqual([]);
      expect(page.headers.get("cache-control")).not.toMatch(/private|no-store/);
    },
  },
  {
    title: 'a read inside "use cache" is refused',
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      const page = await visitor.get("/cached");
      expect(page.byId("cached") ?? "an error").not.toContain("ann");
      const other = await (await visitor.another()).get("/cached");
      expect(other.text).not.toContain("hello ann");
    },
  },
  {
    title: "a page of the Pages Router reads and writes",
    stores: BOTH,
    async run({ visitor }) {
      await visitor.logIn("ann");
      expect((await visitor.get("/old")).byId("old")).toBe("ann 1");
      expect((await visitor.get("/old")).byId("old")).toBe("ann 2");
      expect((await visitor.get("/")).byId("cart")).toBe("2");
    },
  },
];

/** What frameworks have that ask their own endpoints, or stream parts of a page. */
import { expect } from "vitest";
import { BOTH } from "./support/check.ts";
import type { Check } from "./support/check.ts";

/** @param by how the framework asks its own endpoint */
export function innerRequests(by: string): Check {
  return {
    title: `a write by ${by} is in the same session, also on the first visit: one cookie, no loss`,
    stores: BOTH,
    async run({ visitor, store }) {
      const first = await visitor.post("/api/self");
      expect([first.json(), first.cookies.length]).toEqual([{ cart: 2 }, 1]);
      const second = await visitor.post("/api/self");
      expect([second.json(), second.cookies.length]).toEqual([
        { cart: 4 },
        store === "table" ? 0 : 1,
      ]);
      expect((await visitor.get("/")).byId("cart")).toBe("4");
    },
  };
}

export const lateParts: Check = {
  title: "a part of a page that streams and writes gets ERR_SESSION_COMMITTED",
  stores: BOTH,
  async run({ visitor }) {
    await visitor.logIn("ann");
    expect((await visitor.get("/")).text).toContain("ERR_SESSION_COMMITTED");
  },
};

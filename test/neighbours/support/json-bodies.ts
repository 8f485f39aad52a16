import type { Ask } from "../neighbour.ts";

/** What a JSON parser reads, what it cannot read, and what may be too long for it. */
export const JSON_BODIES: readonly Ask[] = [
  JSON.stringify({ n: 1 }),
  "{",
  JSON.stringify("long ".repeat(100)),
].map((body) => ({
  path: "/",
  method: "POST",
  headers: { "content-type": "application/json" },
  body,
}));

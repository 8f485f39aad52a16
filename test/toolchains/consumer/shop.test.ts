/** The same visit, as a test of Jest or vitest. */
import { deepStrictEqual } from "node:assert";
import { expected, visit } from "./visit.js";

declare function test(title: string, body: () => Promise<void>): void;

test("the shop knows its user", async () => {
  // As text: in Jest, the arrays of fetch are of another realm.
  deepStrictEqual(JSON.stringify(await visit()), JSON.stringify(expected));
});

/** The real express-session as the oracle: the same programs under it and under the drop-in. */
import expressSession from "express-session";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import dropIn from "../../../src/adapters/express-session.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { DIFFERENCES } from "./differences.ts";
import { FaultyStore, Side, programs } from "./programs.ts";
import type { Make, Program } from "./programs.ts";

const secret = "a secret for both";
const RUNS = Number(process.env["SOJOURN_PROGRAMS"] ?? 100);

const theirs = new Side(({ maxAge, ...options }) => {
  const store = new FaultyStore();
  const cookie = maxAge === undefined ? {} : { maxAge };
  return { store, middleware: expressSession({ ...options, secret, store, cookie }) };
});

const overTheirStore: Make = ({ maxAge, ...options }) => {
  const store = new FaultyStore();
  const cookie = maxAge === undefined ? {} : { maxAge };
  return { store, middleware: dropIn({ ...options, secret, store, cookie }) };
};

const overOurStore: Make = ({ maxAge, ...options }) => {
  const store = tableStore({ table: createTable() });
  const cookie = maxAge === undefined ? {} : { maxAge };
  return { middleware: dropIn({ ...options, store, cookie }) };
};

afterAll(() => theirs.close());

/** Compares request by request, until both go on from different states by a difference that is allowed. */
async function compare(program: Program, side: Side): Promise<void> {
  const [oracle, run] = await Promise.all([theirs.begin(program), side.begin(program)]);
  for (const [at, request] of program.requests.entries()) {
    const [their, our] = await Promise.all([oracle.visit(at), run.visit(at)]);
    const pair = { request, theirs: their, ours: our };
    const why = DIFFERENCES.find(({ explains }) => explains?.(pair));
    if (!why) expect({ request: at, ...our }).toEqual({ request: at, ...their });
    if (why?.parts) return;
    if (our.cookie === "cleared") oracle.forget();
  }
}

describe.each([
  ["a store of express-session", overTheirStore, ["get", "set", "destroy", "touch"]],
  ["a table store", overOurStore, ["none"]],
] as const)("the drop-in over %s, beside express-session", (_, make, faults) => {
  const side = new Side(make);
  afterAll(() => side.close());

  it("every program shows the same, or a difference of the list", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(programs(faults), (program) => compare(program, side)),
      { numRuns: RUNS, interruptAfterTimeLimit: 45_000 },
    );
  });
});

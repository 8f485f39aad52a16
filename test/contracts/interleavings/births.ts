/**
 * An insert of a log-in that arrives late, or a second time: before every later call of the table, and after the last
 * one. A delayed insert has an answer that was lost. A doubled one was answered, and the client has sent it twice.
 */
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { Device } from "../subjects/device.ts";
import { SubjectsWorld, handlesOf } from "../subjects/world.ts";

export const FAULTS = ["delayed", "doubled"] as const;
/** Which insert of the log-in: that of the list, or that of the session. */
export const INSERTS = ["list", "session"] as const;
/** What comes after the log-in. */
export const SEQUELS = ["nothing", "log-out", "revoke", "log-out and log-in"] as const;

export interface Birth {
  readonly fault: (typeof FAULTS)[number];
  readonly insert: (typeof INSERTS)[number];
  readonly sequel: (typeof SEQUELS)[number];
}

export interface Explored {
  readonly runs: number;
  readonly violations: readonly string[];
}

/** The length of a handle, which is the key of a session's row. */
const HANDLE = 22;

export async function explore(table: SessionTable, birth: Birth): Promise<Explored> {
  const violations: string[] = [];
  for (let arrivesAt = 0; ; arrivesAt++) {
    const { calls, faults } = await run(table, birth, arrivesAt);
    for (const fault of faults) violations.push(`${fault} [${arrivesAt} of ${calls}]`);
    if (arrivesAt > calls) return { runs: arrivesAt + 1, violations };
  }
}

/** One run. The late bytes arrive before the call of that number, counted from the insert on. */
async function run(
  table: SessionTable,
  { fault, insert, sequel }: Birth,
  arrivesAt: number,
): Promise<{ readonly calls: number; readonly faults: readonly string[] }> {
  const world = new SubjectsWorld(table);
  let late: (() => unknown) | undefined;
  let calls = 0;
  let struck = false;
  const arrive = async (): Promise<void> => {
    if (struck && calls++ === arrivesAt) await late?.();
  };
  const then = async <T>(call: () => Awaitable<T>): Promise<T> => {
    await arrive();
    return call();
  };
  const sessions = world.process(
    {},
    verbsOf(table, {
      get: (key) => then(() => table.get(key)),
      replace: (...args) => then(() => table.replace(...args)),
      touch: (...args) => then(() => table.touch(...args)),
      delete: (...args) => then(() => table.delete(...args)),
      async insert(...args) {
        await arrive();
        const isIt = (args[0].length === HANDLE) === (insert === "session");
        if (struck || !isIt) return table.insert(...args);
        struck = true;
        late = () => table.insert(...args);
        if (fault === "delayed") throw new Error("the answer was lost");
        return table.insert(...args);
      },
    }),
  );
  const device = new Device(sessions);
  await device.logIn("ann");
  let expected: readonly string[] = [device.handle];
  const old = device.at(sessions);
  if (sequel === "revoke") await sessions.revoke("ann");
  if (sequel.startsWith("log-out")) await device.logOut();
  if (sequel !== "nothing") expected = [];
  if (sequel === "log-out and log-in") {
    await device.logIn("ann");
    expected = [device.handle];
  }
  if (arrivesAt >= calls) await late?.();

  const faults: string[] = [];
  const listed = handlesOf(await sessions.list("ann"));
  if (listed.join() !== expected.join()) {
    faults.push(`the list has ${listed.length} sessions instead of ${expected.length}`);
  }
  const reads = async (asked: Device): Promise<boolean> => {
    let user: unknown;
    await asked.request((session) => (user = session.get("user")));
    return user !== undefined;
  };
  if ((await reads(old)) !== (sequel === "nothing")) {
    faults.push(sequel === "nothing" ? "the session is gone" : "a session that has ended reads");
  }
  if (!struck) faults.push("no insert went wrong");
  return { calls, faults };
}

/** What is left in a table after very many log-ins have ended in every way that there is: what lives, and nothing else. */
import { expect } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { MINUTE } from "../../support/clock.ts";
import { ABSOLUTE, IDLE, SubjectsWorld } from "./world.ts";
import { Device } from "./device.ts";
import type { Data } from "./world.ts";

/** How many log-ins a run makes where nothing else is said: SOJOURN_LOGINS. */
export function logInsOf(usual: number): number {
  return Number(process.env["SOJOURN_LOGINS"] ?? usual);
}

const LIMIT = 3;
const ROUNDS = 10;
const DEVICES = 2;
/** Users who do something at the same time. */
const AT_ONCE = 200;

/** How the sessions of a round end. */
const ENDINGS: readonly ((
  sessions: Sessions<Data>,
  user: number,
  devices: readonly Device[],
) => Promise<unknown>)[] = [
  (_sessions, _user, devices) => Promise.all(devices.map((device) => device.logOut())),
  (sessions, user) => sessions.revoke(user),
  async (sessions, user, [first, second]) => {
    await sessions.revokeOne(user, first?.handle ?? "");
    await second?.logOut();
  },
  // Nothing: the limit ends them, or the idle deadline.
  async () => {},
  async () => {},
];

/** @returns how many log-ins were made, and how many rows the table held at most */
export async function growAndShrink(
  table: SessionTable,
  logIns: number,
): Promise<{ readonly logIns: number; readonly most: number }> {
  const rows = new Rows(table);
  const world = new SubjectsWorld(rows.table);
  const sessions = world.process({ limit: LIMIT });
  const users = Array.from({ length: Math.ceil(logIns / ROUNDS / DEVICES) }, (_, user) => user);
  let most = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const end = ENDINGS[round % ENDINGS.length];
    await eachOf(users, async (user) => {
      const devices = Array.from({ length: DEVICES }, () => new Device(sessions));
      for (const device of devices) await device.logIn(user);
      await end?.(sessions, user, devices);
    });
    most = Math.max(most, rows.size);
    // All sessions end idle, but for those of the last two rounds, which the limit ends.
    if (round % 2 === 0 && round < ROUNDS - 2) world.time.pass(IDLE);
    await rows.sweep(world.time.now());
  }
  // What lives: as many sessions as the limit allows, and a list, of each user.
  const listed = users.length * (LIMIT + 1);
  expect(await rows.count(world.time.now())).toBe(listed);
  const longest = await rows.longestList();
  expect(longest.split("[").length - 2).toBeLessThanOrEqual(LIMIT + 2 * DEVICES);
  world.time.pass(ABSOLUTE + MINUTE); // The moments of so many log-ins ran a little ahead of a clock that stood still.
  await rows.sweep(world.time.now());
  expect(await rows.count(world.time.now())).toBe(0);
  return { logIns: users.length * ROUNDS * DEVICES, most };
}

/** A table that knows its keys: only `insert` makes a row, and only `delete` and `sweep` take one. */
class Rows {
  readonly table: SessionTable;
  readonly #inner: SessionTable;
  readonly #keys = new Set<string>();

  constructor(inner: SessionTable) {
    this.#inner = inner;
    this.table = verbsOf(inner, {
      insert: async (...args) => {
        const inserted = await inner.insert(...args);
        if (inserted) this.#keys.add(args[0]);
        return inserted;
      },
      delete: async (...args) => {
        const result = await inner.delete(...args);
        if (typeof result === "string") this.#keys.delete(args[0]);
        return result;
      },
    });
  }

  get size(): number {
    return this.#keys.size;
  }

  async sweep(now: number): Promise<void> {
    while (((await this.#inner.sweep?.(now)) ?? 0) > 0);
  }

  /** What is there. A server that clears away by its own clock is asked for what it would not clear away. */
  async count(now: number): Promise<number> {
    let count = 0;
    await eachOf([...this.#keys], async (key) => {
      const row = await this.#inner.get(key);
      if (row && (this.#inner.sweep || row.expiresAt > now)) count++;
    });
    return count;
  }

  /** The text of the longest row that is no session's. */
  async longestList(): Promise<string> {
    let longest = "";
    await eachOf(
      [...this.#keys].filter((key) => key.length === 43),
      async (key) => {
        const { value = "" } = (await this.#inner.get(key)) ?? {};
        if (value.length > longest.length) longest = value;
      },
    );
    return longest;
  }
}

/** Does something for each, `AT_ONCE` of them at a time. */
async function eachOf<T>(all: readonly T[], task: (each: T) => Promise<unknown>): Promise<void> {
  const rest = all.values();
  const worker = async (): Promise<void> => {
    for (const each of rest) await task(each);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

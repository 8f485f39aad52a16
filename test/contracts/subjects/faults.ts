/** The sessions of a subject when the table fails at each single step, before the step or after it. */
import { expect } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { TOUCH, handlesOf } from "./world.ts";
import type { Data, Person, SubjectsCase, SubjectsWorld } from "./world.ts";

type When = "before" | "after";

/** Fails from a certain call on, as for a process that has lost its table, or has ended there. */
class Failing implements SessionTable {
  calls = 0;
  readonly #table: SessionTable;
  readonly #failsAt: number;
  readonly #when: When;

  constructor(table: SessionTable, failsAt: number, when: When) {
    this.#table = table;
    this.#failsAt = failsAt;
    this.#when = when;
  }

  get(...args: Parameters<SessionTable["get"]>) {
    return this.#call(() => this.#table.get(...args));
  }

  insert(...args: Parameters<SessionTable["insert"]>) {
    return this.#call(() => this.#table.insert(...args));
  }

  replace(...args: Parameters<SessionTable["replace"]>) {
    return this.#call(() => this.#table.replace(...args));
  }

  touch(...args: Parameters<SessionTable["touch"]>) {
    return this.#call(() => this.#table.touch(...args));
  }

  delete(...args: Parameters<SessionTable["delete"]>) {
    return this.#call(() => this.#table.delete(...args));
  }

  async #call<T>(call: () => Awaitable<T>): Promise<T> {
    const at = this.calls++;
    if (at === this.#failsAt && this.#when === "after") await call();
    if (at >= this.#failsAt) throw new Error("connection refused");
    return call();
  }
}

/** Three devices of ann's, of which the first does something while the table fails. */
interface Scene {
  readonly world: SubjectsWorld;
  readonly people: readonly [Person, Person, Person];
  /** In a process whose table works. */
  readonly sure: Sessions<Data>;
  /** In the process whose table fails. */
  readonly broken: Sessions<Data>;
}

/** Does something with the table failing at its first call, its second, ... until it needs no more calls. */
async function atEachStep(
  world: SubjectsWorld,
  act: (scene: Scene) => Promise<unknown>,
  judge: (scene: Scene, error: unknown) => Promise<void>,
): Promise<void> {
  for (const when of ["before", "after"] as const) {
    for (let step = 0; ; step++) {
      const sure = world.process();
      await sure.revoke("ann");
      world.time.pass(1);
      const people: Person[] = [];
      for (const device of ["a", "b", "c"]) people.push(await world.logIn(sure, "ann", device));
      const table = new Failing(world.table, step, when);
      const scene = {
        world,
        people: people as unknown as Scene["people"],
        sure,
        broken: world.process({}, table),
      };
      const error = await act(scene).then(
        () => undefined,
        (failed: { code?: unknown }) => failed,
      );
      if (error) expect(error.code).toBe("ERR_SESSION_STORE");
      await judge(scene, error);
      if (table.calls <= step) {
        expect(step).toBeGreaterThan(1);
        expect(error).toBeUndefined();
        break;
      }
    }
  }
}

/** Those that the browsers can open after their next touch. */
async function living({ world, people }: Scene): Promise<readonly string[]> {
  world.time.pass(TOUCH);
  const found: string[] = [];
  for (const person of people) {
    await person.look();
    if ((await person.isStill()) === "ann") found.push(person.handle);
  }
  return found;
}

export const FAULT_CASES: readonly SubjectsCase[] = [
  [
    "a table that fails at any step of a log-in signs no session in outside the list, and leaves the others alone",
    (world) =>
      atEachStep(
        world,
        ({ broken }) => world.logIn(broken, "ann", "d"),
        async (scene) => {
          const { sure, people } = scene;
          const lived = await living(scene);
          expect(lived).toHaveLength(people.length);
          const listed = handlesOf(await sure.list("ann"));
          expect(listed).toEqual(expect.arrayContaining([...lived]));
          await sure.revoke("ann");
          expect([await sure.list("ann"), await living(scene)]).toEqual([[], []]);
          for (const handle of listed) expect(await world.table.get(handle)).toBeUndefined();
        },
      ),
  ],
  [
    "after a table fails at any step of a revocation, each session that is left ends at its next touch, or with a second revocation",
    (world) =>
      atEachStep(
        world,
        ({ broken }) => broken.revoke("ann"),
        async (scene, error) => {
          const { sure, people } = scene;
          const lived = await living(scene);
          // Until the mark is made nothing has happened; from then on nobody outlives a touch.
          expect([0, people.length]).toContain(lived.length);
          if (!error) expect(lived).toEqual([]);
          expect(handlesOf(await sure.list("ann")).toSorted()).toEqual([...lived].toSorted());
          await sure.revoke("ann");
          expect(await living(scene)).toEqual([]);
          for (const { handle } of people) expect(await world.table.get(handle)).toBeUndefined();
        },
      ),
  ],
  [
    "a second revocation ends what the first one has left, without a touch between",
    (world) =>
      atEachStep(
        world,
        ({ broken }) => broken.revoke("ann"),
        async ({ sure, people }) => {
          await sure.revoke("ann", { except: "A".repeat(22) });
          for (const { handle } of people) expect(await world.table.get(handle)).toBeUndefined();
        },
      ),
  ],
  [
    "after a table fails at any step of revokeOne, the session lives in the list, or is gone",
    (world) =>
      atEachStep(
        world,
        ({ broken, people }) => broken.revokeOne("ann", people[1].handle),
        async (scene, error) => {
          const { sure, people } = scene;
          const lived = await living(scene);
          if (!error) expect(lived).not.toContain(people[1].handle);
          expect(lived).toEqual(expect.arrayContaining([people[0].handle, people[2].handle]));
          expect(handlesOf(await sure.list("ann")).toSorted()).toEqual([...lived].toSorted());
        },
      ),
  ],
  [
    "after a table fails at any step of a log-out, that is an error and the session lives in the list, or is gone",
    (world) =>
      atEachStep(
        world,
        ({ broken, people }) => people[0].at(broken).logOut(),
        async (scene, error) => {
          const { sure, people } = scene;
          const lived = await living(scene);
          if (!error) expect(lived).not.toContain(people[0].handle);
          expect(handlesOf(await sure.list("ann")).toSorted()).toEqual([...lived].toSorted());
        },
      ),
  ],
  [
    "a table that has lost a list gets it back by the touches of the users who are signed in",
    async (world) => {
      const sessions = world.process();
      const [a, b] = [await world.logIn(sessions, "ann"), await world.logIn(sessions, "ann")];
      // An eviction by the database, which leaves no mark: the row of the subject is gone, and the sessions stay.
      const { table } = world;
      const at = (key: string): string => (key.length === 22 ? key : `after-${key}`);
      const evicted = verbsOf(table, {
        get: (key) => table.get(at(key)),
        insert: (key, ...rest) => table.insert(at(key), ...rest),
        replace: (key, ...rest) => table.replace(at(key), ...rest),
      });
      const after = world.process({}, evicted);
      expect(await after.list("ann")).toEqual([]);
      world.time.pass(TOUCH);
      await Promise.all([a.at(after).look(), b.at(after).look()]);
      expect(handlesOf(await after.list("ann"))).toEqual([b.handle, a.handle]);
      expect(handlesOf(await sessions.list("ann"))).toEqual([b.handle, a.handle]);
    },
  ],
];

/**
 * Explores every order in which the table calls of several requests about one subject can meet, those on the subject's
 * row included. Each request runs in a process of its own. Orders that differ only in calls which cannot see each other
 * (of other rows, or two reads) are one order: sleep sets leave out the rest.
 */
import type { SessionTable } from "../../../src/core/store.ts";
import { createKeyring } from "../../../src/crypto/keyring.ts";
import { Sealer } from "../../../src/crypto/sealer.ts";
import { SealedRows } from "../../../src/stores/table-access/row-seal.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Recorder, Turnstile, seeEachOther } from "./races-table.ts";
import { Device } from "./device.ts";
import { SubjectsWorld, TOUCH, handlesOf } from "./world.ts";

/** What a request does. `A` and `B` are signed in before it begins, A first; `G` is somebody's session. */
export type Act =
  | "log-in"
  | "log-in of G"
  | "log-out of A"
  | "log-out of B"
  | "touch of A"
  | "write of A"
  | "A becomes bob"
  | "revoke"
  | "revoke but A"
  | "revoke but B"
  | "revoke A"
  | "revoke G"
  | "list"
  | "revoke what is listed";

interface Cast {
  readonly A: Device;
  readonly B: Device;
  readonly G: Device;
}

const ACTS: Record<Act, (device: (name: keyof Cast) => Device, fresh: Device) => Promise<unknown>> =
  {
    "log-in": (_, fresh) => fresh.logIn("ann"),
    "log-in of G": (at) => at("G").logIn("ann"),
    "log-out of A": (at) => at("A").logOut(),
    "log-out of B": (at) => at("B").logOut(),
    "touch of A": (at) => at("A").request((session) => session.get()),
    "write of A": (at) => at("A").request((session) => session.put("n", 1)),
    "A becomes bob": (at) => at("A").logIn("bob"),
    revoke: (_, { sessions }) => sessions.revoke("ann"),
    "revoke but A": (at, { sessions }) => sessions.revoke("ann", { except: at("A").handle }),
    "revoke but B": (at, { sessions }) => sessions.revoke("ann", { except: at("B").handle }),
    "revoke A": (at, { sessions }) => sessions.revokeOne("ann", at("A").handle),
    "revoke G": (at, { sessions }) => sessions.revokeOne("ann", at("G").handle),
    list: async (_, { sessions }) => handlesOf(await sessions.list("ann")),
    /** What a naive revocation does: it marks nothing. */
    "revoke what is listed": async (_, { sessions }) => {
      for (const { handle } of await sessions.list("ann")) await sessions.revokeOne("ann", handle);
    },
  };

/** A beginning of an order, and who need not move next: their orders are explored elsewhere. */
interface Branch {
  readonly order: readonly number[];
  readonly asleep: ReadonlySet<number>;
}

export interface RaceOptions {
  readonly limit?: number;
  /**
   * The secrets of each process in turn, in its order: the first one is the process in which everybody has signed in
   * before the race, the next ones are those of the requests.
   */
  readonly secrets?: readonly (readonly [string, ...string[]])[];
  /** What stands between a request and the table, for variants that are broken. */
  readonly break?: (table: SessionTable, act: Act) => SessionTable;
}

export interface Explored {
  readonly runs: number;
  readonly violations: readonly string[];
}

/** Runs the requests in every order of their table calls. */
export async function explore(
  table: SessionTable,
  acts: readonly Act[],
  options: RaceOptions = {},
): Promise<Explored> {
  const violations: string[] = [];
  let runs = 0;
  const todo: Branch[] = [{ order: [], asleep: new Set() }];
  for (let branch = todo.pop(); branch; branch = todo.pop()) {
    const race = await Race.begin(table, acts, options);
    const { branches, isNew } = await race.run(branch);
    todo.push(...branches);
    if (!isNew) continue;
    runs++;
    for (const fault of await race.judge()) violations.push(`${fault} [${acts.join(" || ")}]`);
  }
  return { runs, violations };
}

class Race {
  readonly #world: SubjectsWorld;
  readonly #acts: readonly Act[];
  readonly #options: RaceOptions;
  readonly #cast: Cast;
  readonly #turnstiles: Turnstile[] = [];
  readonly #ended: (undefined | { readonly error: unknown; readonly result?: unknown })[] = [];
  readonly #rows: Recorder;

  private constructor(
    world: SubjectsWorld,
    rows: Recorder,
    acts: readonly Act[],
    options: RaceOptions,
    cast: Cast,
  ) {
    this.#world = world;
    this.#rows = rows;
    this.#acts = acts;
    this.#options = options;
    this.#cast = cast;
  }

  static async begin(
    table: SessionTable,
    acts: readonly Act[],
    options: RaceOptions,
  ): Promise<Race> {
    const world = new SubjectsWorld(table);
    const rows = new Recorder(table, openerOf(world.key, options.secrets?.[0]));
    const sessions = world.process(optionsOf(options, rows, 0), rows);
    const [A, B, G] = [new Device(sessions), new Device(sessions), new Device(sessions)];
    await A.logIn("ann");
    world.time.pass(1);
    await B.logIn("ann");
    await G.request((session) => session.put("n", 0));
    world.time.pass(TOUCH);
    const race = new Race(world, rows, acts, options, { A, B, G });
    for (const [id, act] of acts.entries()) race.#start(id, act);
    return race;
  }

  #start(id: number, act: Act): void {
    const turnstile = new Turnstile(this.#rows);
    const table = this.#options.break?.(turnstile, act) ?? turnstile;
    const sessions = this.#world.process(optionsOf(this.#options, table, id + 1), table);
    this.#turnstiles.push(turnstile);
    this.#ended.push(undefined);
    const at = (name: keyof Cast): Device => this.#cast[name].at(sessions);
    ACTS[act](at, new Device(sessions)).then(
      (result) => (this.#ended[id] = { error: undefined, result }),
      (error: unknown) => (this.#ended[id] = { error }),
    );
  }

  /** Follows the branch, then goes on as it likes; gives what branches off behind it. */
  async run({ order, asleep }: Branch) {
    let sleeping = new Set(asleep);
    let isNew = true;
    const taken: number[] = [];
    const branches: Branch[] = [];
    for (;;) {
      await this.#settled();
      const ready = this.#turnstiles.flatMap(({ waiting }, id) => (waiting.length > 0 ? [id] : []));
      if (ready.length === 0) return { branches, isNew };
      let pick = order[taken.length];
      if (pick === undefined) {
        const awake = ready.filter((id) => !sleeping.has(id));
        if (awake.length === 0) isNew = false;
        for (const [at, id] of awake.entries()) {
          if (at === 0 || !isNew) continue;
          const first = [...sleeping, ...awake.slice(0, at)];
          branches.push({ order: [...taken, id], asleep: new Set(first) });
        }
        pick = awake[0] ?? ready[0] ?? 0;
      }
      const step = this.#turnstiles[pick]?.waiting[0];
      if (taken.length >= order.length - 1) {
        const stays = [...sleeping].filter(
          (id) => id !== pick && !seeEachOther(this.#turnstiles[id]?.waiting[0], step),
        );
        sleeping = new Set(stays);
      }
      taken.push(pick);
      await step?.run();
    }
  }

  /** Waits until every request stands at the table or has ended. */
  async #settled(): Promise<void> {
    const underway = (): boolean =>
      this.#turnstiles.some(({ waiting }, id) => waiting.length === 0 && !this.#ended[id]);
    while (underway()) {
      for (let turn = 0; turn < 100 && underway(); turn++) await Promise.resolve();
      if (underway()) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What a list has shown while others wrote: all that lived from beginning to end, and nobody else's. */
  #misjudgedLists(living: readonly string[]): readonly string[] {
    const stayed = [this.#cast.A, this.#cast.B]
      .map(({ handle }) => handle)
      .filter((handle) => living.includes(handle));
    return this.#acts.flatMap((act, id) => {
      if (act !== "list") return [];
      const shown = (this.#ended[id]?.result ?? []) as readonly string[];
      return [
        ...(stayed.every((handle) => shown.includes(handle)) ? [] : ["a list left a session out"]),
        ...(shown.every((handle) => this.#rows.had(handle, "ann"))
          ? []
          : ["a list shows another's"]),
      ];
    });
  }

  /** Asks the laws of what is left. */
  async judge(): Promise<readonly string[]> {
    const faults: string[] = [];
    const did = (...acts: readonly Act[]): boolean => acts.some((act) => this.#acts.includes(act));
    for (const ended of this.#ended)
      if (ended?.error) faults.push(`failed: ${String(ended.error)}`);

    const living = await this.#rows.of("ann");
    const sessions = this.#world.process(optionsOf(this.#options, this.#rows, 0), this.#rows);
    const listed = handlesOf(await sessions.list("ann"));
    if (!isSame(living, listed)) faults.push("what lives is not what is listed");

    const { A, B } = this.#cast;
    const lives = (device: Device): boolean => living.includes(device.handle);
    if (did("log-out of A", "revoke A", "revoke but B") && lives(A)) faults.push("A lives");
    if (did("log-out of B", "revoke but A") && lives(B)) faults.push("B lives");
    if (did("revoke", "revoke what is listed") && living.length > 0) {
      faults.push("a session has survived the revocation");
    }
    if (did("revoke but A", "revoke but B")) {
      const others = living.filter((handle) => handle !== A.handle && handle !== B.handle);
      if (others.length > 0) faults.push("a log-in has survived the revocation of all others");
    }
    faults.push(...this.#misjudgedLists(living));
    const isBob = (await this.#rows.of("bob")).length > 0;
    for (const [id, act] of this.#acts.entries()) {
      if (act === "A becomes bob" && this.#ended[id]?.result !== isBob) {
        faults.push(isBob ? "bob lives without a cookie" : "a revocation has ended bob's session");
      }
    }
    const revoked = did("revoke", "revoke what is listed", "revoke but A", "revoke but B");
    const logIns = this.#acts.filter((act) => act.startsWith("log-in")).length;
    const gone = ["log-out of A", "log-out of B", "revoke A"].filter((act) => did(act as Act));
    if (!revoked && !did("revoke G", "A becomes bob")) {
      const started = 2 + logIns - new Set(gone.map((act) => act.at(-1))).size;
      const expected = Math.min(this.#options.limit ?? started, started);
      // A log-out after the limit has ended an older one leaves less.
      const enough = this.#options.limit && gone.length > 0 ? expected - gone.length : expected;
      if (living.length > expected || living.length < enough) {
        faults.push(`${living.length} live instead of ${expected}`);
      }
      const newest = this.#rows.newest(
        "ann",
        living.length,
        gone.map((act) => (act.endsWith("A") ? A.handle : B.handle)),
      );
      if (!isSame(newest, living)) faults.push("those that live are not the newest");
    }
    return faults;
  }
}

/** The options of the process with this number. */
function optionsOf({ limit, secrets }: RaceOptions, table: SessionTable, process: number) {
  const secret = secrets?.[process % secrets.length];
  return secret ? { limit, store: tableStore({ table, secret }) } : { limit };
}

/** Opens the rows of sessions, whatever secret has sealed them. */
function openerOf(cookieName: string, secrets: readonly [string, ...string[]] | undefined) {
  if (!secrets) return undefined;
  const sealer = new Sealer(createKeyring(secrets, "session table"));
  const seal = new SealedRows(sealer, cookieName, () => true, true);
  return (key: string, value: string) => seal.open(key, value);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}

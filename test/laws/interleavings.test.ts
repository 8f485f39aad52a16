import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../src/tables/named-tables.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Row } from "../../src/stores/table/row.ts";
import {
  ENDS,
  GONE,
  KINDS,
  Tally,
  explore,
  isLost,
} from "../contracts/interleavings/interleavings.ts";
import type { Kind } from "../contracts/interleavings/interleavings.ts";
import { verbsOf } from "../support/tables/async-table.ts";

/** Every choice of three kinds, regardless of order: the requests are alike but for what they do. */
function threes(kinds: readonly Kind[]): Kind[][] {
  return kinds.flatMap((a, i) =>
    kinds.slice(i).flatMap((b, j) => kinds.slice(i + j).map((c) => [a, b, c])),
  );
}

/** Those of them that {@link KINDS} does not have. */
const ENDING = threes(ENDS).filter((kinds) =>
  kinds.some((kind) => kind === "switch" || kind === "leave" || kind === "carried"),
);

/** Digests of nobody, with which a round of one token is full. */
const SEVEN: readonly string[] = Array<string>(7).fill("nobody");

type Tokens = Pick<Row, "next" | "retired">;

/** A table that changes what is written of a session's tokens, as a store with other rules would. */
function changing(table: SessionTable, change: (row: Tokens) => Tokens): SessionTable {
  return verbsOf(table, {
    replace: (key, version, row, now) => {
      const value = `2${JSON.stringify(change(JSON.parse(row.value.slice(1)) as Tokens))}`;
      return table.replace(key, version, { ...row, value }, now);
    },
  });
}

interface Text {
  readonly data: object;
  readonly flash?: object | undefined;
}

function textOf(value: string): Text {
  return JSON.parse(value.slice(1)) as Text;
}

/** A table that replaces without comparing versions. */
function blind(): SessionTable {
  const table = createTable();
  return verbsOf(table, {
    async replace(key, _version, row, now) {
      const current = await table.get(key);
      return current ? table.replace(key, current.version, row, now) : "gone";
    },
  });
}

const tally = new Tally();
// oxlint-disable-next-line no-console -- the numbers belong to the proof
afterAll(() => console.log(`interleavings explored over the memory table: ${String(tally)}`));

describe.each([undefined, "alice"])(
  "L5: three requests of one session, signed in as %s",
  (user) => {
    it.each([...threes(KINDS), ...GONE].map((kinds) => [kinds.join(" || "), kinds] as const))(
      'the requests "%s" keep the laws in every order of their table calls',
      async (_title, kinds) => {
        const { runs, violations } = await explore(createTable(), kinds, user);
        tally.add(kinds, runs);
        expect(runs).toBeGreaterThan(kinds.some(isLost) ? 2 : 10);
        expect([...new Set(violations)]).toEqual([]);
      },
    );
  },
);

let ends = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`changes of a subject explored over the memory table: ${ends}`));

describe.each([undefined, "alice"])(
  "L9: three requests of a session whose subject changes, signed in as %s",
  (user) => {
    it.each(ENDING.map((kinds) => [kinds.join(" || "), kinds] as const))(
      'the requests "%s" keep the laws in every order of their table calls',
      async (_title, kinds) => {
        const { runs, violations } = await explore(createTable(), kinds, user);
        ends += runs;
        expect(runs).toBeGreaterThan(10);
        expect([...new Set(violations)]).toEqual([]);
      },
    );
  },
);

describe("L5: the exploration of all orders", () => {
  it("it finds the lost update of a table that replaces without comparing versions", async () => {
    const { violations } = await explore(blind(), ["put", "put", "add"], undefined);
    expect([...new Set(violations)].join()).toContain("lost put");
  });

  it("it finds the session that comes back in a table that inserts where it should replace", async () => {
    const table = createTable();
    const upserting = verbsOf(table, {
      async replace(key, version, row, now) {
        const result = await table.replace(key, version, row, now);
        if (result !== "gone") return result;
        await table.insert(key, row, now);
        return "done";
      },
    });
    const { violations } = await explore(upserting, ["drop", "put", "touch"], "alice");
    expect([...new Set(violations)].join()).toContain("a dropped session reads");
  });

  it("it finds the next token that is lost in a table that replaces without comparing versions", async () => {
    const { violations } = await explore(blind(), ["auto", "present", "touch"], "alice");
    expect([...new Set(violations)].join()).toContain("a token that nobody retired does not write");
  });

  it.each<[string, string, Kind[], (row: Tokens) => Tokens]>([
    [
      "former token that loses its rights at once",
      "a request was stopped for nothing",
      ["present", "put", "touch"],
      ({ retired, ...row }) => ({
        ...row,
        retired: retired && { digests: retired.digests, until: retired.until },
      }),
    ],
    [
      "former token that is forgotten",
      "a token that nobody retired does not write",
      ["present", "touch", "touch"],
      (row) => ({ ...row, retired: undefined }),
    ],
    [
      "former token that keeps its rights",
      "a former token outlived its grace",
      ["present", "touch", "touch"],
      (row) => ({ ...row, retired: row.retired && { ...row.retired, until: 1e15 } }),
    ],
    [
      "next token that is forgotten when another one is issued",
      "a token that nobody retired does not write",
      ["auto", "present", "touch"],
      (row) => ({
        ...row,
        next: row.next && { ...row.next, digests: row.next.digests.slice(0, 1), rounds: [1] },
      }),
    ],
    [
      "next token that loses its rights when another one of its round is presented",
      "a token of the same round was taken away",
      ["auto", "auto", "touch"],
      (row) => (row.next?.presented ? { ...row, next: undefined } : row),
    ],
    [
      "round of one token, as before",
      "a request got no token of its own",
      ["auto", "auto", "touch"],
      (row) => ({
        ...row,
        next: row.next && { ...row.next, digests: [...row.next.digests, ...SEVEN], rounds: [8] },
      }),
    ],
    [
      "next token that keeps its rights after a renewal that was asked for",
      "a retired token wrote",
      ["auto", "stepup", "touch"],
      (row) =>
        row.retired && !row.retired.full
          ? { ...row, next: { digests: row.retired.digests, issuedAt: 0 } }
          : row,
    ],
    [
      "former token that shows another id",
      "a token shows an id that is not its own",
      ["stepup", "touch", "touch"],
      (row) => ({ ...row, retired: row.retired && { ...row.retired, id: "A".repeat(22) } }),
    ],
    [
      "renewal that gives another id than its request has shown",
      "a renewal gave another id than its request has shown",
      ["stepup", "touch", "touch"],
      (row) => ({ ...row, id: "A".repeat(22) }),
    ],
  ])("it finds a %s", async (_name, law, kinds, change) => {
    const { violations } = await explore(changing(createTable(), change), kinds, "alice");
    expect([...new Set(violations)].join()).toContain(law);
  });

  it.each<[string, string, (before: Text, after: Text) => Text]>([
    [
      "data of the subject before",
      "what the subject before",
      ({ data }, after) => ({
        ...after,
        data: { ...data, ...after.data },
      }),
    ],
    [
      "messages of the subject before",
      "a message outlived",
      ({ flash }, after) => ({
        ...after,
        flash,
      }),
    ],
    [
      "a carried key as it was at the load",
      "what the subject before",
      (_, after) => ({
        ...after,
        data: { ...after.data, ...("language" in after.data && { language: 100 }) },
      }),
    ],
  ])("it finds a session that keeps %s", async (_name, law, mix) => {
    const table = createTable();
    const mixing = verbsOf(table, {
      async replace(key, version, row, now) {
        const before = await table.get(key);
        const text = before ? mix(textOf(before.value), textOf(row.value)) : textOf(row.value);
        const value = `2${JSON.stringify(text)}`;
        return table.replace(key, version, { ...row, value }, now);
      },
    });
    const { violations } = await explore(mixing, ["switch", "carried", "add"], "alice");
    expect([...new Set(violations)].join()).toContain(law);
  });

  it("it finds the log-out that a table forgets", async () => {
    const forgetful = verbsOf(createTable(), { delete: async () => "done" as const });
    const { violations } = await explore(forgetful, ["drop", "touch", "touch"], "alice");
    expect([...new Set(violations)].join()).toContain("a dropped session reads");
  });

  it.each(["lostdrop", "lostout", "lostpassword"] as const)(
    'it finds the end of a session that a table forgets after a "%s", whose client has gone',
    async (kind) => {
      const forgetful = verbsOf(createTable(), { delete: async () => "done" as const });
      const { violations } = await explore(forgetful, [kind, "touch"], "alice");
      expect([...new Set(violations)].join()).toContain("a dropped session reads");
    },
  );
});

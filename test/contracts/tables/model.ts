/** Random sequences of verbs, run on a table and on a Map beside it: every answer must be the same. */
import fc from "fast-check";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { HOUR, MINUTE, NOW, holds, newKey, same } from "../../../src/testing/contract/case.ts";

type Command =
  | { readonly verb: "get" | "sweep"; readonly key: number; readonly at: number }
  | { readonly verb: "insert"; readonly key: number; readonly row: SessionRow }
  | {
      readonly verb: "replace";
      readonly key: number;
      readonly version: number;
      readonly row: SessionRow;
    }
  | { readonly verb: "touch"; readonly key: number; readonly version: number; readonly at: number }
  | { readonly verb: "delete"; readonly key: number; readonly version: number | undefined };

// Few keys, versions and deadlines, so that commands meet.
const KEYS = 3;
const key = fc.nat(KEYS - 1);
const version = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 52, 2 ** 53 - 1) },
);
const at = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -4, max: 4 }).map((hours) => NOW + hours * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: NOW - HOUR, max: NOW + 2 ** 40 }) },
);
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
  fc.string({ unit: "grapheme", maxLength: 200 }),
);
const row: fc.Arbitrary<SessionRow> = fc.record({ value, version, expiresAt: at });

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ verb: fc.constant("insert" as const), key, row }),
  fc.record({ verb: fc.constant("replace" as const), key, version, row }),
  fc.record({ verb: fc.constant("touch" as const), key, version, at }),
  fc.record({
    verb: fc.constant("delete" as const),
    key,
    version: fc.option(version, { nil: undefined }),
  }),
  fc.record({ verb: fc.constantFrom("get" as const, "sweep" as const), key, at }),
);

/** Runs sequences of commands until one answer differs from the model's; gives how many commands were run. */
export async function compareWithModel(
  table: SessionTable,
  numRuns: number,
  sendsAgain = false,
): Promise<number> {
  let commands = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 1, maxLength: 40, size: "max" }),
      async (sequence) => {
        const keys = Array.from({ length: KEYS }, newKey);
        const model = new Model(sendsAgain);
        for (const each of sequence) {
          commands++;
          await step(table, model, keys[each.key] ?? "", each);
        }
        for (const each of keys) {
          await holds(table, each, model.get(each), "after the last command");
          await table.delete(each);
        }
      },
    ),
    { numRuns },
  );
  return commands;
}

/** Rows by key, and the keys that were deleted, of which a table whose client sends again keeps a mark. */
class Model extends Map<string, SessionRow> {
  readonly marks = new Set<string>();
  readonly #sendsAgain: boolean;

  constructor(sendsAgain: boolean) {
    super();
    this.#sendsAgain = sendsAgain;
  }

  end(id: string): void {
    this.delete(id);
    if (this.#sendsAgain) this.marks.add(id);
  }
}

async function step(
  table: SessionTable,
  model: Model,
  id: string,
  command: Command,
): Promise<void> {
  const before = model.get(id);
  switch (command.verb) {
    case "get":
      return holds(table, id, before, "of the model");
    case "insert": {
      const isFree = before === undefined && !model.marks.has(id);
      if (isFree) model.set(id, command.row);
      return same(await table.insert(id, command.row, NOW), isFree, "insert");
    }
    case "replace": {
      const expected = before ? (before.version === command.version ? "done" : before) : "gone";
      if (expected === "done") model.set(id, command.row);
      return same(await table.replace(id, command.version, command.row, NOW), expected, "replace");
    }
    case "touch": {
      const expected = before ? (before.version === command.version ? "done" : "conflict") : "gone";
      if (before && expected === "done") {
        model.set(id, { ...before, expiresAt: Math.max(before.expiresAt, command.at) });
      }
      return same(await table.touch(id, command.version, command.at, NOW), expected, "touch");
    }
    case "delete": {
      const given = command.version;
      const expected = before
        ? given === undefined || before.version === given
          ? "done"
          : before
        : "gone";
      if (expected === "done") model.end(id);
      return same(await table.delete(id, given, NOW), expected, "delete");
    }
    case "sweep":
      return sweep(table, model, command.at);
  }
}

/** A table may leave a row until it is dead for an hour; what lives must stay. */
async function sweep(table: SessionTable, model: Model, now: number): Promise<void> {
  if (!table.sweep) return;
  const told = await table.sweep(now);
  if (now >= NOW + 15 * MINUTE) model.marks.clear();
  let removed = 0;
  for (const [id, row] of model) {
    const left = row.expiresAt <= now ? await table.get(id) : row;
    if (left === undefined || row.expiresAt <= now - 2 * HOUR) {
      same(left, undefined, "a row that is dead for hours, after a sweep");
      model.delete(id);
      removed++;
    } else {
      await holds(table, id, row, "after a sweep");
    }
  }
  same(told, removed, "the number of rows that a sweep has removed");
}

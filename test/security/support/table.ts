/** The tables of docs/reports/security.md: which requirement is held by which test, and whether it is. */
import type { HostDriver } from "../../contracts/hosts/app.ts";
import { hosts } from "../../contracts/hosts/hosts.ts";
import { INCIDENTS } from "./incidents.ts";
import type { Incident } from "./incidents.ts";
import { REQUIREMENTS } from "./requirements.ts";
import { ROWS } from "./rows.ts";
import type { Row, RowId } from "./rows.ts";
import { REVOCABLE, SEALED_ROWS, STORE_NAMES } from "./stores.ts";

export const COMMAND = "npm run test:security";

/** What became of one test. Its name: `S5 an id … > LMDB > a request …`. */
export interface Outcome {
  readonly name: string;
  /** Below the project's folder. */
  readonly file: string;
  readonly passed: boolean;
}

const rows = Object.entries(ROWS) as readonly (readonly [RowId, Row])[];
const incidents = Object.entries(INCIDENTS) as readonly (readonly [string, Incident])[];
const ids = [...rows, ...incidents].map(([id]) => id);

export function tablesOf(outcomes: readonly Outcome[]): string {
  const tests = new Map<string, Outcome[]>(ids.map((id) => [id, []]));
  for (const outcome of outcomes) {
    const id = idOf(outcome.name);
    if (id === undefined) throw new Error(`a test begins with no row's id: ${outcome.name}`);
    tests.get(id)?.push(outcome);
  }
  const of = (id: string): readonly Outcome[] => tests.get(id) ?? [];
  return [
    "### By requirement of ASVS 5.0",
    table(
      ["requirement", "asks", "held by"],
      Object.entries(REQUIREMENTS).map(([id, { asks, rows, note }]) => [
        id,
        asks,
        [rows.map((row) => `${row}${markOf(ROWS[row], of(row))}`).join(", "), note]
          .filter((part) => part !== undefined && part !== "")
          .join("; "),
      ]),
    ),
    "### By what holds",
    table(
      ["row", "law", "what holds", "asked for by", "tested over"],
      rows.map(([id, row]) => [
        id,
        row.law ?? "",
        row.holds,
        row.source,
        row.left === undefined ? placeOf(of(id)) : `not tested: ${row.left}`,
      ]),
    ),
    "### By what went wrong elsewhere",
    table(
      ["incident", "in", "what went wrong", "row", "tried over"],
      incidents.map(([id, { also = [], where, cause, rows, left }]) => [
        [id, ...also].join(", "),
        where,
        cause,
        rows.join(", "),
        left === undefined ? placeOf(of(id)) : `not tried: ${left}`,
      ]),
    ),
  ].join("\n\n");
}

/** The rows and incidents that have neither tests nor a reason, or both. */
export function gapsOf(outcomes: readonly Outcome[]): readonly string[] {
  const tested = new Set(outcomes.map(({ name }) => idOf(name)));
  return [...rows, ...incidents]
    .filter(([id, { left }]) => tested.has(id) === (left !== undefined))
    .map(([id]) => id);
}

function idOf(name: string): string | undefined {
  return ids.find((id) => name.startsWith(`${id} `));
}

function markOf({ left }: Row, outcomes: readonly Outcome[]): string {
  if (left !== undefined) return " –";
  return isHeld(outcomes) ? " ✓" : " **✗**";
}

function isHeld(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ passed }) => passed);
}

/** Over which stores and hosts, in which files, and whether all has passed. */
function placeOf(outcomes: readonly Outcome[]): string {
  const parts = new Set(outcomes.flatMap(({ name }) => name.split(" > ").slice(1, 2)));
  const stores = STORE_NAMES.filter((name) => parts.has(name));
  const tested = hosts.map(({ driver }: { driver: HostDriver }) => driver.name);
  const some = tested.filter((name) => parts.has(name));
  const over = [
    among(stores, STORE_NAMES, "every store"),
    parts.has(REVOCABLE) ? REVOCABLE : "",
    parts.has(SEALED_ROWS) ? SEALED_ROWS : "",
    among(some, tested, "every host"),
  ].filter((text) => text !== "");
  const files = [...new Set(outcomes.map(({ file }) => file))].toSorted();
  const links = files.map((file) => `[${file.replace(/^.*\/|\.test\.ts$/g, "")}](../../${file})`);
  const mark = isHeld(outcomes) ? "✓" : "**✗**";
  return `${mark} ${over.join(", ")}${over.length > 0 ? ": " : ""}${links.join(", ")}`;
}

function among(some: readonly string[], all: readonly string[], every: string): string {
  if (some.length === all.length) return every;
  if (every === "every store" && some.length === all.length - 1 && some[0] === all[1]) {
    return "every table";
  }
  return some.join(", ");
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...lines.map(line)].join("\n");
}

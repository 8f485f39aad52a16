import { inTime } from "../../core/awaitable.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { newHandle } from "../../crypto/token.ts";
import { now } from "../clock.ts";
import { CONFIG, loadConfig } from "../config.ts";
import { WrongCall } from "../command.ts";
import type { Command } from "../command.ts";
import { columns } from "../help.ts";

/** Milliseconds after which a step has failed: a pool may wait for ever for a database that is not there. */
const PATIENCE = 5000;
/** How long the row of the doctor lives if it cannot be deleted, in milliseconds. */
const LIFE = 60_000;

interface Step {
  readonly step: string;
  /** Looks at one thing. @throws what is wrong with it */
  readonly look: () => Promise<void> | void;
  /** Whether the next step can be made if this one fails. */
  readonly isAlone: boolean;
}

/** What was found at a step: how long it took, or what is wrong. */
interface Finding {
  readonly step: string;
  readonly isFine: boolean;
  readonly milliseconds?: number;
  readonly why?: string;
}

export const doctor: Command = {
  name: "doctor",
  forms: [["", "looks whether the sessions can be loaded, and whether their table keeps a row"]],
  options: CONFIG,
  async run(call) {
    if (call.positionals.length > 0) throw new WrongCall("doctor takes options alone");
    const { file, sessions, table } = await loadConfig(call);
    const findings = await take([
      exporting(`${file} exports the sessions`, sessions, "createSessions({ ... })"),
      exporting(`${file} exports the table`, table, "the table that tableStore gets"),
      ...(table ? stepsOf(table) : []),
    ]);
    const lines = findings.map(({ step, isFine, why, milliseconds }) => [
      isFine ? "ok" : "fault",
      step,
      isFine ? `${milliseconds} ms` : `${why}`,
    ]);
    const isFaulty = findings.some(({ isFine }) => !isFine);
    return { text: columns(lines, ""), json: findings, isFaulty };
  },
};

function exporting(step: string, found: unknown, what: string): Step {
  return {
    step,
    isAlone: true,
    look() {
      if (!found) throw new Error(`export ${what}`);
    },
  };
}

/** Writes, reads, changes and deletes one row. Each step needs the one before. */
function stepsOf(table: SessionTable): Step[] {
  const key = newHandle();
  const row: SessionRow = { value: "doctor", version: 1, expiresAt: now() + LIFE };
  const changed = { ...row, version: 2 };
  const needed = (
    step: string,
    ask: () => unknown,
    isRight: (answer: unknown) => boolean,
  ): Step => ({
    step,
    isAlone: false,
    async look() {
      const answer = await ask();
      if (!isRight(answer)) throw new Error(`the table has answered ${JSON.stringify(answer)}`);
    },
  });
  return [
    {
      step: "rows outlive the process",
      isAlone: true,
      look() {
        if (table.forgets) throw new Error("the table is in memory, and ends with the process");
      },
    },
    needed(
      "a row is inserted",
      () => table.insert(key, row, now()),
      (answer) => answer === true,
    ),
    needed(
      "a row is read back",
      () => table.get(key),
      (answer) => isRow(answer, row),
    ),
    needed(
      "a write with the version that is there is made",
      () => table.replace(key, row.version, changed, now()),
      (answer) => answer === "done",
    ),
    needed(
      "a write with an old version is refused",
      () => table.replace(key, row.version, row, now()),
      (answer) => isRow(answer, changed),
    ),
    needed(
      "a row is deleted",
      () => table.delete(key, undefined, now()),
      (answer) => answer === "done",
    ),
  ];
}

function isRow(answer: unknown, { value, version, expiresAt }: SessionRow): boolean {
  const found = Object(answer) as Partial<SessionRow>;
  return found.value === value && found.version === version && found.expiresAt === expiresAt;
}

/** Takes the steps, as far as they can be made. */
async function take(steps: readonly Step[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { step, look, isAlone } of steps) {
    const began = performance.now();
    const late = (): Error => new Error(`no answer within ${PATIENCE / 1000} seconds`);
    try {
      await inTime(PATIENCE, Promise.resolve().then(look), { late });
      const milliseconds = Math.round((performance.now() - began) * 10) / 10;
      findings.push({ step, isFine: true, milliseconds });
    } catch (error) {
      const { message } = Object(error) as Partial<Error>;
      findings.push({ step, isFine: false, why: message ?? String(error) });
      if (!isAlone) return findings;
    }
  }
  return findings;
}

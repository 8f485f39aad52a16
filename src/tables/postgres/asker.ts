import type { SessionRow } from "../../core/store.ts";
import { anotherQuestion } from "../_another-question.ts";
import { runAgain } from "../_run-again.ts";
import type { Query } from "./clients.ts";
import { isRefusal } from "./refusals.ts";
import { sqlStateOf } from "./sql-state.ts";
import { DONE } from "./statements.ts";
import type { Statement } from "./statements.ts";

/** The codes with which the server has undone a statement: a conflict above READ COMMITTED, and a deadlock. */
const UNDONE: readonly unknown[] = ["40001", "40P01"];

/** Runs each statement again if the server has undone it. */
export function runner(query: Query): Query {
  return (statement, values) => runAgain(() => query(statement, values), isUndone, isRefusal);
}

/**
 * Runs a statement.
 * @param question the words with which its answer begins
 * @returns the rest of the answer
 * @throws if the answer is one to another question
 */
export type Ask = (statement: Statement, question: string, values: unknown[]) => Promise<string>;

export function asker(run: Query): Ask {
  return async (statement, question, values) => {
    const rows = await run(statement, values);
    // postgres.js may leave holes of a failed query before the row. The question shows whether the row is ours.
    const row: unknown = rows.at(-1);
    const answer: unknown = Object.values(row ?? {})[0];
    if (typeof answer !== "string" || !answer.startsWith(`${question} `)) throw anotherQuestion();
    return answer.slice(question.length + 1);
  };
}

function isUndone(error: unknown): boolean {
  return UNDONE.includes(sqlStateOf(error));
}

/** Reads an answer: `""` if there is no row. */
export function toResult(answer: string): "done" | "gone" | SessionRow {
  return answer === DONE ? "done" : (toRow(answer) ?? "gone");
}

/** Reads version, deadline and value, with a space between them. */
export function toRow(text: string): SessionRow | undefined {
  if (text === "") return undefined;
  const first = text.indexOf(" ");
  const second = text.indexOf(" ", first + 1);
  return {
    value: text.slice(second + 1),
    version: Number(text.slice(0, first)),
    expiresAt: Number(text.slice(first + 1, second)),
  };
}

/** The other end of the cases about processes: a program that opens the same store, and does what it is asked. */
import process from "node:process";
import type { Awaitable } from "../../../core/awaitable.ts";
import type { SessionTable } from "../../../core/store.ts";
import { increment } from "./increment.ts";
import type { OpenTable } from "../open-table.ts";

/** What the contract asks of the program. */
export interface Question {
  readonly id: number;
  readonly task: "get" | "insert" | "increment" | "end";
  readonly args: readonly unknown[];
}

/** What the program says. `done` tells of an increment as soon as it is done. */
export interface Answer {
  readonly id?: number;
  readonly answer?: unknown;
  readonly error?: string;
  readonly ready?: true;
  readonly done?: number;
}

/**
 * Makes a program of its own the other end of the cases about several processes. It opens the same store as the test,
 * from what the test gives as `child.args`.
 * @throws if the program was not started by the contract
 * @example
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 * import { sqliteTable } from "sojourn/sqlite";
 * import { tableContractChild } from "sojourn/testing";
 *
 * void tableContractChild((path) => {
 *   const db = new DatabaseSync(path, { timeout: 1000 });
 *   return { table: sqliteTable(db), close: () => db.close() };
 * });
 * ```
 */
export async function tableContractChild(
  open: (...args: string[]) => Awaitable<OpenTable>,
): Promise<void> {
  if (process.send === undefined) throw new Error("tableContract starts this program by itself");
  const say = (answer: Answer): void => void process.send?.(answer);
  const opened = await open(...process.argv.slice(2));
  process.on("message", (question: Question) => {
    void answerTo(opened, question, say).then(
      (answer) => say({ id: question.id, answer }),
      (error: unknown) => say({ id: question.id, error: String(error) }),
    );
  });
  // It ends with the test, also if the test is killed.
  process.on("disconnect", () => process.exit());
  say({ ready: true });
}

async function answerTo(
  opened: OpenTable,
  { task, args }: Question,
  say: (answer: Answer) => void,
): Promise<unknown> {
  const { table } = opened;
  switch (task) {
    case "get":
      return table.get(String(args[0]));
    case "insert":
      return table.insert(...(args as Parameters<SessionTable["insert"]>));
    case "increment": {
      const [key, count] = args;
      return increment(table, String(key), Number(count), undefined, (done) => say({ done }));
    }
    case "end":
      return opened.close?.();
  }
}

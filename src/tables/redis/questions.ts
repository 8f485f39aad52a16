import type { SessionRow } from "../../core/store.ts";
import { anotherQuestion } from "../_another-question.ts";
import { DELETE, INSERT, READ, REPLACE, TOUCH, script } from "./scripts.ts";
import type { Script } from "./scripts.ts";

/** A script whose answer begins with the key, and with the name and the second argument of the script. */
export interface Question extends Script {
  readonly name: string;
}

/*
 * The application may put its connection into a state in which it gets other answers (MULTI, CLIENT REPLY), and a proxy
 * may mix answers up. Without the key, the table would take such an answer for a missing row. The second argument is the
 * new version of an insert and a replace, so that the answer to another write of the same row is not taken for this one's.
 */
export const GET: Question = told("get", READ);
export const INSERT_ROW: Question = told("insert", INSERT);
export const REPLACE_ROW: Question = told("replace", REPLACE);
export const TOUCH_ROW: Question = told("touch", TOUCH);
export const DELETE_ROW: Question = told("delete", DELETE);

function told(name: string, { text }: Script): Question {
  const answering = script(`
  local function ask()${text}
  end
  local asked = "${name} " .. (ARGV[2] or "")
  local answer = ask()
  if type(answer) == "number" then return { KEYS[1], asked, answer } end
  return { KEYS[1], asked, answer[1], answer[2], answer[3] }`);
  return { name, ...answering };
}

/** A row, or the number of a script. */
export type Answer = readonly [value: unknown, version?: unknown, expires?: unknown];

/**
 * Gives what a script has answered.
 * @throws if the answer is one to another question
 */
export function answerTo(
  { name }: Question,
  key: string,
  args: readonly string[],
  answer: unknown,
): Answer {
  if (Array.isArray(answer)) {
    const [found, asked, ...rest] = answer as unknown[];
    // The option `keyPrefix` of ioredis puts more before the key.
    if (toText(found).endsWith(key) && toText(asked) === `${name} ${args[1] ?? ""}`) {
      return rest as unknown as Answer;
    }
  }
  throw anotherQuestion();
}

/** Depending on the client's settings, numbers come as text. */
export function toResult(answer: Answer): "done" | "gone" | SessionRow {
  if (answer.length > 1) return toRow(answer) ?? "gone";
  return Number(answer[0]) === 1 ? "done" : "gone";
}

export function toRow([value, version, expires]: Answer): SessionRow | undefined {
  if (value === null || value === undefined) return undefined;
  return { value: toText(value), version: Number(version), expiresAt: Number(expires) };
}

/** Depending on the client's settings, text comes as bytes. */
function toText(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : "";
}

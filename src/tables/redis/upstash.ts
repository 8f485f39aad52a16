import { configError, refuseUnknownOptions } from "../../core/errors.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { anotherQuestion } from "../_another-question.ts";
import { judged } from "../_database-error.ts";
import { isRefusal } from "./refusals.ts";
import {
  DELETE,
  FIELDS,
  INSERT,
  READ,
  REPLACE,
  TOUCH,
  checkPrefix,
  rowArguments,
  script,
  timeToLive,
} from "./scripts.ts";
import type { Script } from "./scripts.ts";

/** The part of a client of `@upstash/redis` that the table calls. */
export interface UpstashClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
}

/** Options of {@link upstashTable}. */
export interface UpstashTableOptions {
  /** The beginning of every key. Default `"sojourn:"`. */
  readonly prefix?: string | undefined;
}

/**
 * The scripts of `redisTable`, whose answers begin with the key. A "=" stands before each text: the client takes a text
 * that looks like JSON for a value, and drops a byte order mark at the beginning.
 */
const ASK = {
  read: withKey(READ),
  insert: withKey(INSERT),
  replace: withKey(REPLACE),
  touch: withKey(TOUCH),
  delete: withKey(DELETE),
};
const READ_MANY = script(`
  local rows = {}
  for i, key in ipairs(KEYS) do
    local row = redis.call("HMGET", key, ${FIELDS})
    rows[i] = row[1] and { "=" .. key, "=" .. row[1], row[2], row[3] } or { "=" .. key, 0 }
  end
  return rows`);

function withKey({ text }: Script): Script {
  return script(`
  local function ask() ${text}
  end
  local answer = ask()
  if type(answer) == "number" then return { "=" .. KEYS[1], answer } end
  if not answer[1] then return { "=" .. KEYS[1], 0 } end
  return { "=" .. KEYS[1], "=" .. answer[1], answer[2], answer[3] }`);
}

/**
 * Makes a table in a Redis database of Upstash, over HTTP. Its rows are those of `redisTable`. Each method takes one
 * request, and so does a conflict.
 * @throws ERR_SESSION_CONFIG for anything but a client of `@upstash/redis`
 * @example
 * ```ts
 * import { Redis } from "@upstash/redis";
 * import { tableStore } from "sojourn";
 * import { upstashTable } from "sojourn/redis";
 *
 * const store = tableStore({ table: upstashTable(Redis.fromEnv(), { prefix: "shop:" }) });
 * ```
 */
export function upstashTable(
  client: UpstashClient,
  options: UpstashTableOptions = {},
): SessionTable {
  const { prefix = "sojourn:", ...others } = options;
  refuseUnknownOptions("upstashTable", others, ["prefix"]);
  checkPrefix(prefix);
  checkClient(client);
  const run = ({ sha1, text }: Script, keys: string[], args: string[]): Promise<unknown> =>
    client
      .evalsha(sha1, keys, args)
      .catch((error: unknown) => {
        if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
        return client.eval(text, keys, args);
      })
      .catch((error: unknown) => {
        throw told(error);
      });
  /** Gives what the server says after the key. */
  const ask = async (question: Script, key: string, args: string[] = []): Promise<Answer> =>
    answerTo(prefix + key, await run(question, [prefix + key], args));
  return {
    get: async (key) => toRow(await ask(ASK.read, key)),
    async getMany(keys) {
      const names = keys.map((key) => prefix + key);
      const answers = await run(READ_MANY, names, []);
      if (!Array.isArray(answers)) throw anotherQuestion();
      return keys.map((key, i) => [key, toRow(answerTo(prefix + key, answers[i]))] as const);
    },
    insert: async (key, row, now) =>
      Number((await ask(ASK.insert, key, rowArguments(row, now)))[0]) === 1,
    replace: async (key, version, row, now) =>
      toResult(await ask(ASK.replace, key, [...rowArguments(row, now), String(version)])),
    async touch(key, version, expiresAt, now) {
      const args = [String(version), String(expiresAt), timeToLive(expiresAt, now)];
      const answer = Number((await ask(ASK.touch, key, args))[0]);
      if (answer === 1) return "done";
      return answer === 0 ? "gone" : "conflict";
    },
    delete: async (key, version) => toResult(await ask(ASK.delete, key, [String(version ?? "")])),
  };
}

/** A number, or a row with "=" before its value. */
type Answer = readonly unknown[];

/** @throws if it answers another question, such as the text of an aborted request, which the client gives as an answer */
function answerTo(name: string, answer: unknown): Answer {
  if (!Array.isArray(answer) || answer[0] !== `=${name}`) throw anotherQuestion();
  return answer.slice(1);
}

function toRow([value, version, expiresAt]: Answer): SessionRow | undefined {
  if (typeof value !== "string" || !value.startsWith("=")) return undefined;
  return { value: value.slice(1), version: Number(version), expiresAt: Number(expiresAt) };
}

function toResult(answer: Answer): "done" | "gone" | SessionRow {
  return toRow(answer) ?? (Number(answer[0]) === 1 ? "done" : "gone");
}

/** What the client writes before the server's words. */
const BEFORE = /^Command (?:\d+ \[ \w+ \] )?failed: /;
/** What the client writes between them and the command, or before an answer that it could not read. Both hold the row. */
const BEHIND = /, command was: |(?<=response body): /;

/** Gives the server's own words. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const [words = ""] = error.message.split(BEHIND, 1);
  return words.replace(BEFORE, "");
}

/** Gives an error with the server's own words alone, as a refusal if the server says that it has done nothing. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return judged(Object.assign(new Error(messageOf(error)), { name: error.name }), isRefusal);
}

function checkClient(client: unknown): void {
  if (typeof client === "object" && client !== null) {
    const methods = client as Readonly<Record<string, unknown>>;
    const has = (name: string): boolean => typeof methods[name] === "function";
    if (["eval", "evalsha", "createScript"].every(has) && !has("defineCommand")) return;
  }
  throw configError(
    "upstashTable takes a client of @upstash/redis, for example upstashTable(Redis.fromEnv()). A client that holds a " +
      "connection, such as node-redis or ioredis, belongs to redisTable",
  );
}

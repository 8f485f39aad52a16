/** What a handler has done to its session: the session is compared with what was loaded, key by key. */
import { SessionError } from "../../core/errors.ts";

/** The text of each key, as it was loaded or last saved. */
export type Texts = ReadonlyMap<string, string>;

export interface Comparison {
  /** The keys whose JSON is another one, with that JSON. */
  readonly put: readonly (readonly [key: string, text: string])[];
  /** The keys that are there no more. */
  readonly deleted: readonly string[];
  /** The text of each key now. */
  readonly texts: Texts;
}

/** The cookie's attributes stand beside the data. */
const COOKIE = "cookie";

export function textsOf(data: object): Texts {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    if (key === COOKIE) continue;
    const text = textOf(key, value);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** @throws ERR_SESSION_NOT_SERIALIZABLE if JSON cannot keep a value */
export function compare(before: Texts, session: object): Comparison {
  const texts = textsOf(session);
  const put = [...texts].filter(([key, text]) => before.get(key) !== text);
  const deleted = [...before.keys()].filter((key) => !texts.has(key));
  return { put, deleted, texts };
}

export function isChange({ put, deleted }: Comparison): boolean {
  return put.length > 0 || deleted.length > 0;
}

function textOf(key: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new SessionError(
      "ERR_SESSION_NOT_SERIALIZABLE",
      `req.session[${JSON.stringify(key)}] cannot be kept as JSON${why}`,
      { cause },
    );
  }
}

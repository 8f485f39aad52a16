import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";

/** The largest body that is read for its parameters, as in Dynamo's server. */
const MAX_BODY = 8_000_000;

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Parameters by name. The object has no prototype, so that `__proto__` is a name like any other. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * Reads the parameters of query and body. The body wins, and the last value of a name wins.
 * @throws HTTPException 400 or 413 if the body is malformed or too long
 */
export async function readParams(c: Context): Promise<Params> {
  return merge(Object.fromEntries(new URL(c.req.url).searchParams), await readBody(c));
}

/** Merges parameters, of which the later ones win. */
export function merge(...sources: readonly Params[]): Params {
  return Object.freeze(Object.assign(Object.create(null), ...sources) as Params);
}

async function readBody(c: Context): Promise<Params> {
  const type = c.req.header("content-type") ?? "";
  const isForm = FORM.test(type);
  if (!c.req.raw.body || !(isForm || JSON_TYPE.test(type))) return {};
  await bodyLimit({ maxSize: MAX_BODY })(c, () => Promise.resolve());
  try {
    const body: unknown = await (isForm ? c.req.parseBody() : c.req.json());
    // A list or a lone value has no names. The route may read it with `conn.req.json()`.
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as Params)
      : {};
  } catch (cause) {
    throw new HTTPException(400, { message: "The body is malformed", cause });
  }
}

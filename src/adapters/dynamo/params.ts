import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";

/** The largest body that is read for its parameters, as in Dynamo's server. */
const MAX_BODY = 8_000_000;

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Parameters by name. It has no prototype, so that a name such as `__proto__` is one like any other. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * The parameters of query and body; the body wins, and of a name that comes twice the last one.
 * @throws HTTPException 400 or 413: a bad body is the client's mistake
 */
export async function readParams(c: Context): Promise<Params> {
  return merge(Object.fromEntries(new URL(c.req.url).searchParams), await readBody(c));
}

/** Later parameters win. */
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
    // A list or a lone value has no names; the route may ask `conn.req.json()` for it.
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as Params)
      : {};
  } catch (cause) {
    throw new HTTPException(400, { message: "The body is malformed", cause });
  }
}

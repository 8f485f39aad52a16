/** Plain Fetch handlers, with what each server passes beside the request. */
import { session } from "sojourn/fetch";
import { exactly } from "../exactly.ts";
import { getSession, putSession, sessions } from "./sessions.ts";

const plain = session(sessions, (request) => {
  exactly<typeof request, Request>(true);
  putSession(request, "user_id", "s1");
  // @ts-expect-error: headers
  getSession(request.headers, "user_id");
  return new Response(getSession(request, "user_id"));
});
export const listener: (request: Request) => Promise<Response> = plain;

interface Env {
  readonly SECRET: string;
}
interface Context {
  waitUntil(promise: Promise<unknown>): void;
}
// As Workers write it.
export const worker = {
  fetch: session(sessions, async (request: Request, env: Env, ctx: Context) => {
    ctx.waitUntil(Promise.resolve(env.SECRET));
    return new Response(getSession(request, "user_id"));
  }),
};

interface Server {
  upgrade(request: Request): boolean;
}
// As Bun.serve takes it.
const upgrading = session(sessions, (request: Request, server: Server) =>
  server.upgrade(request) ? undefined : new Response("no"),
);
exactly<typeof upgrading, (request: Request, server: Server) => Promise<Response | undefined>>(
  true,
);

session(sessions, () => new Response(), {
  fetch: false,
  onError: (error, request) => {
    exactly<typeof error, unknown>(true);
    exactly<typeof request, Request>(true);
    return new Response("later", { status: 503 });
  },
});
// @ts-expect-error: a plain request has no property for it
session(sessions, () => new Response(), { as: "session" });
// @ts-expect-error: no answer
session(sessions, () => "text");
// @ts-expect-error: the handler is missing
session(sessions);

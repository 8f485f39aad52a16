/** node:http and http2. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { session } from "sojourn/node";
import { exactly } from "../exactly.ts";
import { getSession, putSession, sessions } from "./sessions.ts";

createServer(
  session(sessions, (req, res) => {
    exactly<typeof req, IncomingMessage>(true);
    exactly<typeof res, ServerResponse>(true);
    putSession(req, "user_id", "s1");
    res.end(getSession(req, "user_id"));
    // @ts-expect-error: a response
    getSession(res, "user_id");
  }),
);
createServer(
  session(sessions, async (req, res) => {
    await Promise.resolve();
    res.end(getSession(req, "user_id"));
  }),
);
createSecureServer(
  session(sessions, (req: Http2ServerRequest, res: Http2ServerResponse) => {
    res.end(getSession(req, "user_id") ?? "nobody");
  }),
);
createServer(
  session(sessions, (_req, res) => res.end(), {
    fetch: false,
    onError: (error, req, res) => {
      exactly<typeof error, unknown>(true);
      exactly<typeof req, IncomingMessage>(true);
      res.end();
    },
  }),
);
// @ts-expect-error: a plain request has no property for it
session(sessions, () => {}, { as: "session" });
// @ts-expect-error: the handler is missing
session(sessions);

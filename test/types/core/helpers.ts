/** The helpers, typed by the data. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Frozen, Session, Sessions } from "sojourn";
import { exactly } from "../exactly.ts";

interface Item {
  sku: string;
  tags: string[];
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
interface Data {
  user_id: string;
  visits?: number;
  cart: Item[];
  seen: Date;
  roles: Set<string>;
  prices: Map<string, { cents: number }>;
  pair: [string, number];
  bytes: Uint8Array;
  anything: Json;
}

declare const sessions: Sessions<Data>;
declare const req: IncomingMessage;
const {
  getSession,
  putSession,
  deleteSession,
  updateSession,
  configureSession,
  renewSession,
  dropSession,
  fetchSession,
} = sessions;

// Reading.
const user = getSession(req, "user_id");
exactly<typeof user, string | undefined>(true);
const visits = getSession(req, "visits");
exactly<typeof visits, number | undefined>(true);
const seen = getSession(req, "seen");
exactly<typeof seen, Date | undefined>(true);
const roles = getSession(req, "roles");
exactly<typeof roles, ReadonlySet<string> | undefined>(true);
const prices = getSession(req, "prices");
exactly<typeof prices, ReadonlyMap<string, { readonly cents: number }> | undefined>(true);
const pair = getSession(req, "pair");
exactly<typeof pair, readonly [string, number] | undefined>(true);
const bytes = getSession(req, "bytes");
exactly<typeof bytes, Uint8Array | undefined>(true);
const all = getSession(req);
exactly<typeof all, Frozen<Partial<Data>>>(true);
exactly<typeof all.user_id, string | undefined>(true);
// A type that contains itself is no endless type.
getSession(req, "anything");
// @ts-expect-error: no such key
getSession(req, "user");

// What is read is frozen, for the compiler as well.
const cart = getSession(req, "cart");
// @ts-expect-error: frozen
cart?.push({ sku: "a", tags: [] });
// @ts-expect-error: frozen all the way down
cart?.[0]?.tags.push("new");
// @ts-expect-error: frozen
all.user_id = "s1";
// @ts-expect-error: frozen
prices?.set("a", { cents: 1 });

// Putting. What was read may be part of what is put.
putSession(req, "user_id", "s1");
putSession(req, "cart", [...(cart ?? []), { sku: "b", tags: [] }]);
putSession(req, "seen", new Date(0));
putSession(req, "roles", new Set(["admin"]));
putSession(req, "visits", 1);
// @ts-expect-error: another type
putSession(req, "user_id", 1);
// @ts-expect-error: no such key
putSession(req, "user", "s1");
// @ts-expect-error: `undefined` is what delete is for
putSession(req, "visits", undefined);
// @ts-expect-error: a value is missing
putSession(req, "visits");

// Deleting and ending.
deleteSession(req, "user_id");
// @ts-expect-error: no such key
deleteSession(req, "user");
// @ts-expect-error: without a key it would be a log-out, and that is dropSession
deleteSession(req);
renewSession(req);
dropSession(req);

// Updating.
updateSession(req, "visits", (count) => (count ?? 0) + 1);
updateSession(req, "visits", () => undefined);
updateSession(req, "cart", (items = []) => [...items, { sku: "c", tags: ["x"] }]);
// @ts-expect-error: another type
updateSession(req, "visits", () => "one");
// @ts-expect-error: the function is synchronous
updateSession(req, "visits", async (count) => (count ?? 0) + 1);

// Configuring: a name never meets the value of another setting.
configureSession(req, "path", "/");
configureSession(req, "secure", true);
configureSession(req, "domain", undefined);
configureSession(req, "sameSite", "none");
configureSession(req, "renew", true);
configureSession(req, "drop", false);
configureSession(req, "ignore", true);
configureSession(req, "persist", true);
// @ts-expect-error: a path is text
configureSession(req, "path", true);
// @ts-expect-error: no such setting
configureSession(req, "max_age", 60);
declare const setting: "path" | "secure";
// @ts-expect-error: `true` is no path
configureSession(req, setting, true);
// @ts-expect-error: a value is missing
configureSession(req, "secure");

// The whole session.
const session = sessions.of(req);
exactly<typeof session, Session<Data>>(true);
exactly<Awaited<ReturnType<typeof fetchSession>>, Session<Data>>(true);
session.put("user_id", "s1").delete("visits").configure("secure", true).renew();
exactly<typeof session.handle, string | undefined>(true);
session.flash("user_id", "for the next request");
exactly<string | undefined, ReturnType<typeof flashed>>(true);
declare function flashed(): typeof message;
const message = session.flash("user_id");
// @ts-expect-error: no such method elsewhere either
session.set("user_id", "s1");
// @ts-expect-error: put is how a value is stored
session.user_id = "s1";

// What a host calls its request fits. What it calls its response, or a part of the request, does not.
declare const request: Request;
declare const http2: Http2ServerRequest;
getSession(request, "user_id");
getSession(http2, "user_id");
getSession({ headers: {} }, "user_id");
getSession({ req: request }, "user_id");
declare const res: ServerResponse;
declare const response: Response;
declare const http2Response: Http2ServerResponse;
// @ts-expect-error: a response
getSession(res, "user_id");
// @ts-expect-error: a response
getSession(response, "user_id");
// @ts-expect-error: a response
getSession(http2Response, "user_id");
// @ts-expect-error: headers
getSession(req.headers, "user_id");
// @ts-expect-error: headers
getSession(request.headers, "user_id");
// @ts-expect-error: a session
getSession(session, "user_id");
// @ts-expect-error: the sessions
getSession(sessions, "user_id");
// @ts-expect-error: a helper
getSession(getSession, "user_id");
// @ts-expect-error: nothing
getSession(undefined, "user_id");
// @ts-expect-error: text
getSession("user_id");

// Without declared data every key is possible, and a value is `unknown` until it is looked at.
declare const untyped: Sessions;
const something = untyped.getSession(req, "user_id");
exactly<typeof something, unknown>(true);
untyped.putSession(req, "user_id", 1);

/** The session of an upgrade: from the headers, never from the request itself. */
import type { IncomingMessage } from "node:http";
import type { Request as ExpressRequest } from "express";
import type { Context } from "hono";
import type { Session } from "sojourn";
import { exactly } from "../exactly.ts";
import { sessions } from "./sessions.ts";

declare const incoming: IncomingMessage;
declare const request: Request;
declare const expressRequest: ExpressRequest;
declare const c: Context;

const session = await sessions.read(incoming.headers);
exactly<typeof session, Session<{ user_id: string }>>(true);
await sessions.read(request.headers);
await sessions.read(expressRequest.headers);
await sessions.read({ cookie: "a=1" });
await sessions.read(incoming.headersDistinct);
// @ts-expect-error: the request
await sessions.read(incoming);
// @ts-expect-error: the request
await sessions.read(request);
// @ts-expect-error: the request, which has a get of its own
await sessions.read(expressRequest);
// @ts-expect-error: the context, which has a get of its own
await sessions.read(c);
// @ts-expect-error: one header
await sessions.read("a=1");

/** Who sees which events: each browser only its own. Not a session, and nothing to build one from. */
import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { parseCookie } from "cookie";
import { takeStep } from "./watch.ts";
import type { Step } from "./watch.ts";

/** The cookie that names a browser's list of events. */
export const VISITOR_COOKIE = "demo_visitor";

const MOST_VISITORS = 1000;
const MOST_STEPS = 6;

export interface Visitor {
  /** The latest first. */
  readonly steps: Step[];
  /** By cookie name: the Set-Cookie header that was sent last. */
  readonly sent: Map<string, string>;
}

const visitors = new Map<string, Visitor>();

/** The value of a cookie, as it came. */
export function receivedCookie(req: Request, name: string): string | undefined {
  return parseCookie(req.headers.cookie ?? "", { decode: (value) => value })[name];
}

/** The visitor of a request that has changed something before. */
export function visitorOf(req: Request): Visitor | undefined {
  return visitors.get(receivedCookie(req, VISITOR_COOKIE) ?? "");
}

/** Middleware that notes what each request does. `key` is the session cookie's name. */
export function noteSteps(key: string): RequestHandler {
  return (req, res, next) => {
    let visitor = visitorOf(req);
    // Who only looks gets no cookie.
    if (!visitor && req.method === "POST") {
      visitor = { steps: [], sent: new Map<string, string>() };
      res.cookie(VISITOR_COOKIE, remember(visitor), { httpOnly: true, sameSite: "lax" });
    }
    takeStep(`${req.method} ${req.originalUrl}`.slice(0, 60), (step) => {
      res.once("finish", () => {
        if (visitor) note(visitor, key, { ...step, sent: sentCookie(res, key) });
      });
      next();
    });
  };
}

function note(visitor: Visitor, key: string, step: Step): void {
  if (step.sent !== undefined) visitor.sent.set(key, step.sent);
  visitor.steps.unshift(step);
  visitor.steps.length = Math.min(visitor.steps.length, MOST_STEPS);
}

/** The Set-Cookie header that left for the cookie called `key`. */
function sentCookie(res: Response, key: string): string | undefined {
  const headers = [res.getHeader("Set-Cookie") ?? []].flat().map(String);
  return headers.find((cookie) => cookie.startsWith(`${key}=`));
}

function remember(visitor: Visitor): string {
  const id = randomUUID();
  visitors.set(id, visitor);
  if (visitors.size > MOST_VISITORS) {
    const [oldest] = visitors.keys();
    if (oldest !== undefined) visitors.delete(oldest);
  }
  return id;
}

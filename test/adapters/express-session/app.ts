/** Applications that hold a session as express-session gives it, and browsers for them. */
import express from "express";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** The session of a request, whoever has put it there. */
export type Bag = Record<string, unknown> & {
  id: string;
  cookie: { maxAge: number | null; originalMaxAge: number | null; expires: Date | null };
  save(done?: (error?: unknown) => void): unknown;
  reload(done?: (error?: unknown) => void): unknown;
  destroy(done?: (error?: unknown) => void): unknown;
  regenerate(done?: (error?: unknown) => void): unknown;
  touch(): unknown;
};

export type Handler = (
  bag: Bag,
  req: Request & { sessionID: string },
  res: Response,
  next: NextFunction,
) => unknown;

export function bagOf(req: object): Bag {
  return (req as { session: Bag }).session;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  readonly cookies: readonly string[];
}

export interface Browser {
  cookie: string;
  get(path: string): Promise<Answer>;
}

export interface App {
  readonly url: string;
  browser(cookie?: string): Browser;
}

/** Starts an application with one handler for each path. What goes wrong is its answer. */
export async function serve(
  middleware: RequestHandler,
  handlers: Readonly<Record<string, Handler>>,
): Promise<App> {
  const app = express();
  app.use(middleware);
  for (const [path, handler] of Object.entries(handlers)) {
    app.get(`/${path}`, async (req, res, next) => {
      await handler(bagOf(req), req as Request & { sessionID: string }, res, next);
    });
  }
  app.use((error: Error & { code?: string }, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).send(error.code ?? error.message);
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, browser: (cookie = "") => browserOf(url, cookie) };
}

function browserOf(url: string, cookie: string): Browser {
  const browser: Browser = {
    cookie,
    async get(path) {
      const sent = browser.cookie ? { cookie: browser.cookie } : undefined;
      const response = await fetch(`${url}/${path}`, { headers: sent ?? {} });
      const body = await response.text();
      const cookies = response.headers.getSetCookie();
      for (const each of cookies) {
        const [pair = ""] = each.split(";", 1);
        browser.cookie = pair.endsWith("=") ? "" : pair;
      }
      return { status: response.status, body, headers: response.headers, cookies };
    },
  };
  return browser;
}

/** Lets a handler wait until the test says so. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}

/** The events of a name, as they come until the test has finished. */
export function events(name: string): unknown[] {
  const found: unknown[] = [];
  const hear = (event: unknown): void => void found.push(event);
  subscribe(`sojourn:${name}`, hear);
  onTestFinished(() => void unsubscribe(`sojourn:${name}`, hear));
  return found;
}

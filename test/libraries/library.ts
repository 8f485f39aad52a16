/**
 * Libraries that are made for express-session, or that keep something in `req.session`. One program each is run with the
 * real express-session, and then with the drop-in in its place: the answers are the same.
 *
 * To add one: `cd test/libraries/packages && npm install --save-exact NAME`, an entry in a file of `programs/`, and its row in
 * docs/coming-from/libraries.md.
 */
import type { Server } from "node:http";
import type { RequestHandler } from "express";
import type expressSession from "express-session";
import type { Browser } from "./browser.ts";
import { load as loadPackage } from "./packages/load.mjs";

/** What a program is given. */
export interface Kit {
  /** The middleware of this run, as an application makes it. */
  readonly session: (options?: Partial<expressSession.SessionOptions>) => RequestHandler;
  /** Closed after the run, whatever becomes of it. */
  readonly closes: (close: () => unknown) => void;
}

export interface Program {
  /** Does not listen yet. */
  readonly server: Server;
  /** Uses the application. What the browsers are answered is compared, and so is what is told to `note`. */
  readonly drive: (visit: Visit) => Promise<void>;
}

export interface Visit {
  readonly origin: string;
  /** A new one, with a cookie jar of its own. */
  readonly browser: () => Browser;
  readonly note: (text: string) => void;
}

export interface Library {
  /** The name of its package. */
  readonly name: string;
  /** What of it is used, for the table of the page. */
  readonly used: string;
  /** The application. It is told its own address, because log-ins elsewhere come back to it. */
  readonly program: (kit: Kit, origin: () => string) => Program | Promise<Program>;
  /** What the run with express-session must have seen: else the program would prove nothing. */
  readonly sees: readonly RegExp[];
}

/** What a package exports: its default export, or all of it if it has none. The type is the caller's word. */
export async function load<T>(name: string): Promise<T> {
  const found = (await loadPackage(name)) as { readonly default?: T };
  return found.default ?? (found as T);
}

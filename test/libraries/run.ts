/** Runs a program with one kind of session, and gives all that was seen. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { RequestHandler } from "express";
import expressSession from "express-session";
import dropIn from "../../src/adapters/express-session.ts";
import { createTable, tableStore } from "../../src/index.ts";
import { Browser } from "./browser.ts";
import type { Kit, Library } from "./library.ts";

type Options = Partial<expressSession.SessionOptions>;

/** The real one, and what takes its place. */
export const kinds = {
  "express-session": (options: Options): RequestHandler => expressSession(common(options)),
  "the drop-in over a store of express-session": (options: Options): RequestHandler =>
    dropIn({ store: new expressSession.MemoryStore(), ...common(options) }),
  "the drop-in over a table": (options: Options): RequestHandler =>
    dropIn({ ...common(options), store: tableStore({ table: createTable() }) }),
} as const;
export type Kind = keyof typeof kinds;

function common(options: Options) {
  const secret = randomBytes(24).toString("hex");
  return { secret, resave: false, saveUninitialized: false, ...options };
}

export async function run(library: Library, kind: Kind): Promise<string[]> {
  const seen: string[] = [];
  const closes: (() => unknown)[] = [];
  const kit: Kit = {
    session: (options = {}) => kinds[kind](options),
    closes: (close) => void closes.push(close),
  };
  let origin = "";
  try {
    const { server, drive } = await library.program(kit, () => origin);
    closes.push(() => {
      server.close();
      server.closeAllConnections();
    });
    server.listen(0, "localhost");
    await once(server, "listening");
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const note = (text: string): void => void seen.push(text);
    await drive({ origin, note, browser: () => new Browser(origin, note) });
  } finally {
    for (const close of closes.toReversed()) await close();
  }
  return seen;
}

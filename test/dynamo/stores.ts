import { randomBytes } from "node:crypto";
import { createTable, Session } from "../../src/adapters/dynamo.ts";
import type { Config } from "../../src/adapters/dynamo.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Data } from "./server.ts";

export const KEY = "_example_session";
export const secret: string = randomBytes(32).toString("base64url");

/** The two stores of the guide, as an application configures them. */
type Options = Partial<Config<Data>["sessionOptions"]>;
export const cookies = (options: Options = {}): Config<Data> => ({
  sessionStore: Session.CookieStore,
  sessionOptions: { key: KEY, secret, ...options },
});
export const ets = (options: Options = {}, table: SessionTable = createTable()): Config<Data> => ({
  sessionStore: Session.ETSStore,
  sessionOptions: { key: KEY, table, ...options },
});
export const both = [
  { store: "the cookie store", config: cookies },
  { store: "the ETS store", config: ets },
];

export const json = (body: unknown): RequestInit => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

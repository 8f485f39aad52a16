import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:net";
import { onTestFinished } from "vitest";
import { SessionError } from "../../../src/core/errors.ts";
import type { SessionEvent } from "../../../src/core/events.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { Sessions } from "../../../src/core/types.ts";
import type { Certificate } from "../../support/certificate.ts";
import { EVENTS_BESIDE_FETCH } from "../../support/event-names.ts";
import { run } from "./app.ts";
import type { App, Handle, HostDriver, ServeOptions } from "./app.ts";
import { Browser, connect } from "./client.ts";
import type { Client } from "./client.ts";
import type { Bench, StoreKind } from "./stores.ts";

/** What the sessions of the suite hold. */
export interface Data {
  readonly user: string;
  readonly n: number;
  readonly text: string;
}

/** One host with one store: what each test is run with. */
export interface Setting {
  readonly driver: HostDriver;
  readonly stores: StoreKind;
}

/** What a test may set before its application starts. */
export interface Parts extends Bench {
  readonly sessions: Sessions<Data>;
  /** The name of the session cookie. */
  readonly key: string;
}

/** A running application, its clients, and what was seen of it. */
export interface World extends Parts, Served {
  /** What arrived at the host's error path. */
  readonly errors: readonly unknown[];
  /** The events of these sessions, such as `commit write`, but {@link PLAIN_HTTP}. */
  readonly events: readonly string[];
  readonly pass: (milliseconds: number) => void;
}

/** A server that listens, and clients for it. */
export interface Served {
  readonly server: Server;
  readonly port: number;
  readonly client: () => Client;
  readonly browser: () => Browser;
  /** How many connections were opened so far. */
  readonly connections: () => number;
}

export interface OpenOptions {
  readonly sessions?: Partial<SessionOptions<Data>>;
  /** Seconds for one call of the table. */
  readonly timeout?: number;
  /** What stands before the application. */
  readonly serve?: ServeOptions | undefined;
}

/** Starts an application for one test. A function alone is the handler below one middleware. */
export async function open(
  { driver, stores }: Setting,
  build: (parts: Parts) => Handle | (Partial<App> & Pick<App, "handle">),
  options: OpenOptions = {},
): Promise<World> {
  const bench = stores.open(options.timeout);
  const key = freshKey();
  let now = Date.UTC(2030, 0, 1);
  const { store, calls, table } = bench;
  const sessions = createSessions<Data>({ store, key, now: () => now, ...options.sessions });
  const parts: Parts = { store, calls, table, sessions, key };
  const built = build(parts);
  const errors: unknown[] = [];
  const app: App = {
    middleware: [{ sessions }],
    onError(error) {
      errors.push(error);
      return { status: 500, body: codeOf(error) };
    },
    ...(typeof built === "function" ? { handle: built } : built),
  };
  const { serve = {} } = options;
  const running = await start(driver.serve(app, serve), driver.protocol, serve.tls);
  return {
    ...parts,
    errors,
    events: listenTo(key, PLAIN_HTTP),
    pass: (milliseconds) => void (now += milliseconds),
    ...running,
  };
}

/** Runs a server until the test is over. */
export async function start(
  server: Server,
  protocol: HostDriver["protocol"] = "http/1.1",
  tls?: Certificate,
): Promise<Served> {
  const { port, connections, close } = await run(server);
  const clients: Client[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.close();
    await close();
  });
  const client = (): Client => {
    const made = connect(protocol, port, tls);
    clients.push(made);
    return made;
  };
  return { server, port, connections, client, browser: () => new Browser(client()) };
}

let keys = 0;

/** Of its own for each test: cookies and events are told apart by it. */
export function freshKey(): string {
  keys += 1;
  return `sid_${keys}`;
}

/** The stable name of one of our errors; the message of any other. */
export function codeOf(error: unknown): string {
  if (error instanceof SessionError) return error.code;
  return error instanceof Error ? error.message : String(error);
}

/** The code that a call throws, or "nothing". */
export function thrownBy(call: () => unknown): string {
  try {
    call();
    return "nothing";
  } catch (error) {
    return codeOf(error);
  }
}

/** Comes once of nearly each application: the suite speaks plain http. */
export const PLAIN_HTTP = "drop-cookie insecure-transport";

export function listenTo(key: string, but?: string): readonly string[] {
  const events: string[] = [];
  for (const name of EVENTS_BESIDE_FETCH) {
    // The types of channels know nothing of their payloads.
    const hear = (message: unknown): void => {
      const event = message as Partial<SessionEvent> & { readonly error?: unknown };
      const text = `${name} ${event.reason ?? codeOf(event.error)}`;
      if (event.cookieName === key && text !== but) events.push(text);
    };
    subscribe(`sojourn:${name}`, hear);
    onTestFinished(() => void unsubscribe(`sojourn:${name}`, hear));
  }
  return events;
}

/** A promise that the test, or the handler, settles. */
export interface Signal {
  readonly given: Promise<void>;
  readonly give: () => void;
}

export function signal(): Signal {
  let give = (): void => {};
  const given = new Promise<void>((done) => {
    give = done;
  });
  return { given, give: () => give() };
}

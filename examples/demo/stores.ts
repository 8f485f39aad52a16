/** The demo's sessions: one `createSessions` per store, each under a cookie name of its own. */
import { randomBytes } from "node:crypto";
import { cookieStore, createSessions, createTable, tableStore } from "sojourn";
import type { Lifetime, SessionStore, Sessions } from "sojourn";
import { openLmdb, openPostgres, openRedis } from "./tables.ts";
import type { Visit } from "./visit.ts";

// Types `req.session`: every store of the demo holds the same data.
declare module "sojourn" {
  interface Register {
    session: Sessions<Visit>;
  }
}

/** How long a session lasts, in seconds: half an hour unused, eight hours in all. */
export const LIFETIME = { idle: 30 * 60, absolute: 8 * 60 * 60 } as const satisfies Lifetime;

/** What SOJOURN_STORE may be. */
const NAMES = ["lmdb", "sealed", "table", "redis", "postgres"] as const;

/** One choice of the switch at the top of the page. */
export interface DemoStore {
  /** Its name in the path and in SOJOURN_STORE. */
  readonly name: string;
  readonly title: string;
  /** The cookie's name. */
  readonly key: string;
  readonly sessions: Sessions<Visit>;
  /** For the panel about the browser: what the cookie is. */
  readonly cookie: string;
  /** For the panel about the server: where the data is. */
  readonly place: string;
  /** Whether it can list a user's sessions. */
  readonly lists: boolean;
  /** What a log-out means for a copy of the cookie, and a restart for the session. */
  readonly logout: string;
  readonly restart: string;
}

type Text = Omit<DemoStore, "key" | "sessions" | "lists"> & { readonly lists?: false };

const TICKET =
  "Only a ticket: the name of a row (marked), and a token that opens it. It never grows.";
const DELETED = "Logging out deletes the row. From then on no copy of the cookie opens anything.";

/**
 * All stores that can be had, the default first. Redis and PostgreSQL are there where their address is set, or where
 * SOJOURN_STORE asks for them.
 * @throws Error with one clear line when the environment cannot work, or a database cannot be reached
 */
export async function openStores(env: NodeJS.ProcessEnv): Promise<readonly DemoStore[]> {
  const { SESSION_SECRET: given, SOJOURN_STORE: chosen } = env;
  if (chosen !== undefined && !NAMES.some((name) => name === chosen)) {
    throw new Error(`SOJOURN_STORE is "${chosen}"; this demo has ${NAMES.join(", ")}`);
  }
  const wants = (name: string, url: string): boolean => chosen === name || env[url] !== undefined;
  // Only a demo may make its own secret: each start, and each machine, would have another one.
  const secret = given ?? randomBytes(32).toString("base64url");
  createTable("demo", { maxRows: 10_000 });

  const stores = [
    open(tableStore({ table: openLmdb(env) }), env, {
      name: "lmdb",
      title: "LMDB",
      cookie: TICKET,
      place:
        "One row of a database in a folder of the server. All processes that open it share it.",
      logout: DELETED,
      restart: "The database is on the disk: a restart keeps you signed in.",
    }),
    open(cookieStore({ secret }), env, {
      name: "sealed",
      title: "Sealed cookie",
      cookie:
        "All of your data, encrypted. The browser carries it, but can neither read nor change it.",
      place: "What the cookie says once it is opened. The server itself keeps nothing.",
      lists: false,
      logout:
        "Logging out clears the cookie. A copy made before would still open until it expires.",
      restart: given
        ? "SESSION_SECRET is set, so sessions outlive a restart."
        : "The demo made a random secret when it started, so a restart signs you out. With SESSION_SECRET set, sessions survive.",
    }),
    open(tableStore({ table: "demo" }), env, {
      name: "table",
      title: "Table in memory",
      cookie: TICKET,
      place: "One row of a table in the server's memory. The cookie points to it.",
      logout: DELETED,
      restart: "The table is in memory, so a restart signs you out. A database would keep it.",
    }),
  ];
  if (wants("redis", "SOJOURN_REDIS_URL")) {
    const text = {
      name: "redis",
      title: "Redis",
      cookie: TICKET,
      place: "One hash in Redis or Valkey, which all machines share.",
      logout: DELETED,
      restart:
        "A restart of the demo keeps you signed in. One of Redis does if Redis keeps its data.",
    };
    stores.push(open(tableStore({ table: await openRedis(env) }), env, text));
  }
  if (wants("postgres", "SOJOURN_POSTGRES_URL")) {
    const text = {
      name: "postgres",
      title: "PostgreSQL",
      cookie: TICKET,
      place: "One row in PostgreSQL, which all machines share.",
      logout: DELETED,
      restart: "A restart keeps you signed in, of the demo as well as of PostgreSQL.",
    };
    stores.push(open(tableStore({ table: await openPostgres(env) }), env, text));
  }
  // A store more is an entry more, and its name in NAMES.
  return [
    ...stores.filter(({ name }) => name === chosen),
    ...stores.filter(({ name }) => name !== chosen),
  ];
}

function open(store: SessionStore, env: NodeJS.ProcessEnv, text: Text): DemoStore {
  // Browsers take Secure cookies from http://localhost too; Safari, and plain http elsewhere, need this.
  const secure = env["SESSION_SECURE"] !== "false";
  // No neighbouring host can set a cookie with a __Host- name, which only a Secure cookie may have.
  const key = `${secure ? "__Host-" : ""}demo_${text.name}`;
  const sessions = createSessions<Visit>({
    store,
    key,
    lifetime: LIFETIME,
    // Whose session it is: when this changes, so does the token, even if a handler forgets to renew.
    subject: "user_id",
    secure,
  });
  return { lists: true, ...text, key, sessions };
}

/** createSessions, its options and its stores. */
import {
  cookieStore,
  createSessions,
  createTable,
  SessionError,
  tableStore,
  type Register,
  type Session,
  type SessionErrorCode,
  type Sessions,
  type SessionStore,
  type SessionTable,
} from "sojourn";
import { exactly } from "../exactly.ts";

// An environment variable stands where the README puts it, although it may be undefined.
const store = cookieStore({ secret: process.env["SESSION_SECRET"] });
exactly<typeof store, SessionStore>(true);
cookieStore({ secret: [process.env["SESSION_SECRET"], process.env["OLD_SESSION_SECRET"]] });
createSessions({
  store,
  key: "_example_session",
  domain: process.env["DOMAIN"],
  secure: undefined,
});

// @ts-expect-error: a cookie store is nothing without a secret
cookieStore({});
// @ts-expect-error: nor with none of them
cookieStore({ secret: [] });
// @ts-expect-error: nor without options
cookieStore();

// @ts-expect-error: sessions are nothing without a store
createSessions({ key: "_example_session" });
// @ts-expect-error: nor without the cookie's name
createSessions({ store });
// @ts-expect-error: `lifetime` is our word for it
createSessions({ store, key: "_example_session", maxAge: 60 });
// @ts-expect-error: browsers know three
createSessions({ store, key: "_example_session", sameSite: "Lax" });
createSessions({
  store,
  key: "_example_session",
  lifetime: { idle: 60, absolute: undefined },
  now: () => 0,
});

// The guide's ETS store: a named table, or the table itself.
exactly<ReturnType<typeof createTable>, SessionTable>(true);
createTable("dynamo_sessions");
tableStore({ table: "dynamo_sessions" });
tableStore({ table: createTable() });
// @ts-expect-error: a table store is nothing without a table
tableStore({});

// The data is what is declared; without a declaration any key holds anything.
exactly<ReturnType<typeof createSessions<{ user_id: string }>>, Sessions<{ user_id: string }>>(
  true,
);
const untyped = createSessions({ store, key: "_example_session" });
exactly<typeof untyped, Sessions<Record<string, unknown>>>(true);

// `subject` names a key and declares none.
const bySubject = createSessions({ store, key: "_example_session", subject: "user_id" });
exactly<typeof bySubject, Sessions<Record<string, unknown>>>(true);
createSessions<{ user_id: string; cart: number }>({ store, key: "_s", subject: "user_id" });
// @ts-expect-error: where the data is declared, the subject is one of its keys
createSessions<{ user_id: string; cart: number }>({ store, key: "_s", subject: "user" });

// `carry` names keys as well, and declares none.
const carrying = createSessions({ store, key: "_s", subject: "user_id", carry: ["cart"] });
exactly<typeof carrying, Sessions<Record<string, unknown>>>(true);
const keys = ["cart"] as const;
createSessions<{ user_id: string; cart: number }>({
  store,
  key: "_s",
  subject: "user_id",
  carry: keys,
});
createSessions<{ user_id: string; cart: number }>({
  store,
  key: "_s",
  subject: "user_id",
  // @ts-expect-error: where the data is declared, each is one of its keys
  carry: ["basket"],
});

// Interfaces are data, too, although they have no index signature.
interface Data {
  user_id: string;
}
createSessions<Data>({ store, key: "_s" });

// A function that needs one key takes the session of an application that has more.
declare function requireUser(session: Session<{ user_id: string }>): void;
declare function requireUsers(sessions: Sessions<{ user_id: string }>): void;
declare const more: Sessions<{ user_id: string; cart: number }>;
declare const moreSession: Session<{ user_id: string; cart: number }>;
requireUser(moreSession);
requireUsers(more);
declare const other: Session<{ cart: number }>;
// @ts-expect-error: it has no user_id
requireUser(other);

// Errors are told apart by a code.
declare const error: unknown;
if (error instanceof SessionError) {
  exactly<typeof error.code, SessionErrorCode>(true);
  // @ts-expect-error: no such code
  error.code === "ERR_SESSION_NONSENSE";
}

// Nothing is registered in this program.
exactly<keyof Register, never>(true);

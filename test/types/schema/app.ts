/** The data's type follows from the schemas, whoever has made them. */
import type { IncomingMessage } from "node:http";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { cookieStore, createSessions } from "sojourn";
import type { Session, SessionOptions, Sessions, StandardSchemaV1 } from "sojourn";
import { createDynamo, Session as Stores } from "sojourn/dynamo";
import { exactly } from "../exactly.ts";

declare const req: IncomingMessage;
const store = cookieStore({ secret: process.env["SESSION_SECRET"] });
const options = { store, key: "_example_session" };

interface Item {
  sku: string;
  count: number;
}

const Cart = z.array(z.object({ sku: z.string(), count: z.number() }));

// Of one library, inline, with a subject.
export const sessions = createSessions({
  ...options,
  schema: { user_id: z.string(), cart: Cart, seen: z.date() },
  subject: "user_id",
  migrate: (old) => {
    exactly<typeof old, Readonly<Record<string, unknown>>>(true);
    return typeof old["id"] === "string" ? { user_id: old["id"] } : undefined;
  },
});
exactly<typeof sessions, Sessions<{ user_id: string; cart: Item[]; seen: Date }>>(true);
export const { getSession, putSession, updateSession } = sessions;
const cart = getSession(req, "cart");
exactly<typeof cart, readonly { readonly sku: string; readonly count: number }[] | undefined>(true);
putSession(req, "cart", [{ sku: "a", count: 1 }]);
updateSession(req, "cart", (items = []) => [...items, { sku: "b", count: 2 }]);
// @ts-expect-error: a number is no text
putSession(req, "user_id", 1);
// @ts-expect-error: the schema does not name it
putSession(req, "user", "s1");

// Of several libraries.
const mixed = createSessions({
  ...options,
  schema: { user_id: z.string(), visits: v.number(), role: type("'admin' | 'guest'") },
});
exactly<typeof mixed, Sessions<{ user_id: string; visits: number; role: "admin" | "guest" }>>(true);

// The parts of an object that is there already.
const User = z.object({ user_id: z.string(), theme: z.enum(["dark", "light"]).optional() });
const shaped = createSessions({ ...options, schema: User.shape });
exactly<
  ReturnType<typeof shaped.of>,
  Session<{ user_id: string; theme: "dark" | "light" | undefined }>
>(true);
const theme = shaped.getSession(req, "theme");
exactly<typeof theme, "dark" | "light" | undefined>(true);
const V = v.object({ user_id: v.string(), cart: v.array(v.object({ sku: v.string() })) });
const entries = createSessions({ ...options, schema: V.entries });
exactly<typeof entries, Sessions<{ user_id: string; cart: { sku: string }[] }>>(true);

// What is stored is what a schema gives, so that is what is put.
const transformed = createSessions({ ...options, schema: { at: z.coerce.date() } });
exactly<typeof transformed, Sessions<{ at: Date }>>(true);

// With a type argument, both must agree.
interface Data {
  user_id: string;
  visits?: number;
}
createSessions<Data>({ ...options, schema: { user_id: z.string(), visits: z.number() } });
createSessions<Data>({
  ...options,
  schema: { user_id: z.string(), visits: z.number().optional() },
});
// @ts-expect-error: visits is missing
createSessions<Data>({ ...options, schema: { user_id: z.string() } });
// @ts-expect-error: visits is a number
createSessions<Data>({ ...options, schema: { user_id: z.string(), visits: v.string() } });
createSessions<Data>({
  ...options,
  // @ts-expect-error: the data has no cart
  schema: { user_id: z.string(), visits: z.number(), cart: Cart },
});
// One schema for all is none: the session holds some keys and not others.
// @ts-expect-error: pass User.shape
createSessions<Data>({ ...options, schema: z.object({ user_id: z.string(), visits: z.number() }) });
// @ts-expect-error: no schema
createSessions({ ...options, schema: { user_id: String } });
createSessions({
  ...options,
  schema: { user_id: z.string() },
  // @ts-expect-error: the subject is one of its keys
  subject: "user",
});
createSessions({
  ...options,
  schema: { user_id: z.string(), visits: z.number() },
  subject: "user_id",
  // @ts-expect-error: what is carried is one of its keys
  carry: ["visit"],
});

// What migrate gives is the data, or nothing of it.
const schema = { user_id: z.string(), visits: z.number() };
createSessions({ ...options, schema, migrate: () => ({}) });
createSessions({ ...options, schema, migrate: () => undefined });
// @ts-expect-error: a number is no text
createSessions({ ...options, schema, migrate: () => ({ user_id: 1 }) });
// @ts-expect-error: it is synchronous
createSessions({ ...options, schema, migrate: async () => ({ user_id: "s1" }) });
// @ts-expect-error: what is in old data, nobody knows
createSessions({ ...options, schema, migrate: (old) => ({ user_id: old["user_id"] }) });

// Without a schema it stays as it was; and options may be undefined, or written down first.
exactly<ReturnType<typeof loose>, Sessions<Record<string, unknown>>>(true);
declare function loose(): typeof without;
const without = createSessions({ ...options, schema: undefined, migrate: undefined });
const written: SessionOptions<Data> = {
  ...options,
  schema: { user_id: z.string(), visits: z.number() },
};
exactly<ReturnType<typeof made>, Sessions<Data>>(true);
declare function made(): typeof fromWritten;
const fromWritten = createSessions(written);

// A schema written by hand, or under the standard's own declaration, fits.
const hand: StandardSchemaV1<unknown, string> = {
  "~standard": {
    version: 1,
    vendor: "me",
    validate: (value) =>
      typeof value === "string" ? { value } : { issues: [{ message: "no text" }] },
  },
};
exactly<ReturnType<typeof byHand>, Sessions<{ name: string }>>(true);
declare function byHand(): typeof named;
const named = createSessions({ ...options, schema: { name: hand } });

// The guide's way takes it as well.
export const dynamo = createDynamo({
  sessionStore: Stores.CookieStore,
  sessionOptions: {
    key: "_example_session",
    secret: process.env["SESSION_SECRET"],
    schema: { user_id: z.string(), cart: Cart },
  },
});
exactly<typeof dynamo.sessions, Sessions<{ user_id: string; cart: Item[] }>>(true);

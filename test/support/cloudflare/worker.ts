/** A worker for tests: it calls a table as a program elsewhere asks, and serves an application. It runs in workerd. */
import { env } from "cloudflare:workers";
import { session } from "../../../src/adapters/fetch.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { SessionRowObject, d1Table, durableTable } from "../../../src/tables/cloudflare.ts";
import type { D1Client, DurableNamespace, DurableState } from "../../../src/tables/cloudflare.ts";
import { sqliteTable } from "../../../src/tables/sqlite.ts";

interface Service {
  fetch(request: Request): Promise<Response>;
}

interface Env {
  readonly DB: D1Client & { withSession(): unknown };
  readonly ROWS: DurableNamespace;
  /** The same class, declared for the key-value storage. */
  readonly OLD: DurableNamespace;
  readonly KV: object;
  readonly BUCKET: object;
  /** The same worker in an isolate of its own; absent in that one. */
  readonly second?: Service;
  readonly third?: Service;
}

const bindings = env as unknown as Env;

/** For the storage that it refuses. */
export { SessionRowObject } from "../../../src/tables/cloudflare.ts";

type WatchedStorage = DurableState["storage"] & { deleteAlarm(): Promise<void> };

/** The class that applications export, with a look at its alarm. */
export class WatchedRowObject extends SessionRowObject {
  readonly #storage: WatchedStorage;

  constructor(state: { readonly storage: WatchedStorage }) {
    super(state);
    this.#storage = state.storage;
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return super.fetch(request);
    if (pathname === "/fire") {
      // The runtime takes the alarm away before it calls the method.
      await this.#storage.deleteAlarm();
      await at(Number(searchParams.get("at")), () => this.alarm());
    }
    const kept = await this.#storage.get("row");
    const alarm = await this.#storage.getAlarm();
    return Response.json({ alarm, now: Date.now(), isKept: kept !== undefined });
  }
}

/** Lets the clock of this isolate stand at a time. */
async function at(time: number, task: () => Promise<void>): Promise<void> {
  const clock = Date.now;
  Date.now = () => time;
  await task().finally(() => {
    Date.now = clock;
  });
}

function tableNamed(kind: string | undefined): SessionTable {
  if (kind === "durable") return durableTable(bindings.ROWS);
  if (kind === "old") return durableTable(bindings.OLD);
  return d1Table(bindings.DB, { table: kind });
}

/** What the set-up says to each binding. */
function setUps(): Record<string, string> {
  const { DB, ROWS, KV, BUCKET, second } = bindings;
  const others = { DB, ROWS, KV, BUCKET, second, session: DB.withSession() };
  const tables = { d1Table, durableTable, sqliteTable };
  const said = Object.entries(tables).flatMap(([name, make]) =>
    Object.entries(others).map(([binding, client]) => {
      try {
        make(client as never);
        return [`${name} ${binding}`, "accepted"];
      } catch (error) {
        return [`${name} ${binding}`, (error as Error).message];
      }
    }),
  );
  return Object.fromEntries(said) as Record<string, string>;
}

type Handler = (request: Request) => Promise<Response>;
const applications = new Map<string, Handler>(
  ["durable", "d1"].map((kind) => {
    const table = kind === "d1" ? d1Table(bindings.DB) : durableTable(bindings.ROWS);
    const sessions = createSessions<{ user?: string; n?: number }>({
      store: tableStore({ table }),
      key: "sid",
      subject: "user",
    });
    const serve = session(sessions, async (request: Request) => {
      const verb = new URL(request.url).pathname.split("/")[3];
      if (verb === "log-in") sessions.putSession(request, "user", "alice");
      if (verb === "add") sessions.updateSession(request, "n", (n = 0) => n + 1);
      if (verb === "log-out") sessions.dropSession(request);
      const listed = verb === "list" ? (await sessions.list("alice")).length : undefined;
      return Response.json({ ...sessions.getSession(request), listed });
    });
    return [kind, serve];
  }),
);

async function answer(request: Request): Promise<Response> {
  const [, first, kind = "", key = ""] = new URL(request.url).pathname.split("/");
  if (first === "app") return (await applications.get(kind)?.(request)) ?? Response.error();
  if (first === "set-up") return Response.json(setUps());
  if (first === "object") {
    const { ROWS } = bindings;
    const { search } = new URL(request.url);
    const stub = ROWS.get(ROWS.idFromName(kind));
    return (await stub.fetch(`https://sojourn/${key}${search}`, {} as never)) as never;
  }
  if (first === "sql") {
    const statements = (await request.json()) as string[];
    await bindings.DB.batch(statements.map((sql) => bindings.DB.prepare(sql)));
    return new Response("");
  }
  const table = tableNamed(kind);
  const [method, ...args] = (await request.json()) as [keyof SessionTable, ...unknown[]];
  const call = table[method] as unknown as (...args: readonly unknown[]) => Promise<unknown>;
  // JSON has no undefined.
  const given = args.map((each) => each ?? undefined);
  return Response.json({ answer: await call(...given) });
}

// oxlint-disable-next-line import/no-default-export -- as workerd wants it
export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const elsewhere = request.headers.get("isolate") ?? "";
      const service =
        elsewhere === "second" || elsewhere === "third" ? bindings[elsewhere] : undefined;
      if (service) return await service.fetch(request);
      return await answer(request);
    } catch (error) {
      const { message, cause } = error as Error;
      return Response.json({ message, cause: String(cause) }, { status: 500 });
    }
  },
};

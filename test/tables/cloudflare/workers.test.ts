/** Applications in real workerd: several isolates at one session, a restart, and what the set-up refuses. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { d1Table, durableTable } from "../../../src/tables/cloudflare.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { tableIn } from "../../support/cloudflare/table-in.mjs";
import { hasWorkerd, startWorkerd } from "../../support/cloudflare/workerd.ts";
import type { Workerd } from "../../support/cloudflare/workerd.ts";

const ISOLATES = ["first", "second", "third"];
const KINDS = ["d1", "durable"];

describe.skipIf(!hasWorkerd)("an application in workerd", { timeout: 60_000 }, () => {
  let workerd: Workerd;
  beforeAll(async () => {
    workerd = await startWorkerd();
    await workerd.ask("/table/sojourn_sessions", ["migrate"]);
  }, 60_000);
  afterAll(() => workerd?.stop());

  interface Answer {
    readonly status: number;
    readonly body: { readonly n?: number; readonly user?: string; readonly message?: string };
    readonly cookie: string | undefined;
  }
  const request = async (path: string, cookie: string, isolate = "first"): Promise<Answer> => {
    const response = await workerd.ask(`/app/${path}`, undefined, { cookie, isolate });
    const [set] = response.headers.getSetCookie();
    const body = (await response.json()) as Answer["body"];
    return { status: response.status, body, cookie: set?.split(";")[0] };
  };
  const logIn = async (kind: string): Promise<string> =>
    (await request(`${kind}/log-in`, "")).cookie ?? "";

  it.each(KINDS)(
    "L5: two hundred increments over %s by three isolates make two hundred",
    async (kind) => {
      const cookie = await logIn(kind);
      const add = async (isolate: string): Promise<void> => {
        const { status, body } = await request(`${kind}/add`, cookie, isolate);
        if (status === 200) return;
        // A request that was told that nothing was written is made again, as a browser's user would.
        expect(body.message).toMatch(/nothing was written/);
        await add(isolate);
      };
      const visitor = async (i: number): Promise<void> => {
        for (let made = 0; made < 20; made++) await add(ISOLATES[i % 3] ?? "");
      };
      await Promise.all(Array.from({ length: 10 }, (_, i) => visitor(i)));
      expect((await request(`${kind}/read`, cookie)).body).toEqual({ user: "alice", n: 200 });
    },
  );

  it.each(KINDS)("L7: a log-out over %s wins against writers in three isolates", async (kind) => {
    const cookie = await logIn(kind);
    const write = async (isolate: string): Promise<void> => {
      for (;;) {
        const { status, body, cookie: given } = await request(`${kind}/add`, cookie, isolate);
        // A request that comes after the log-out has a session of its own.
        if (given !== undefined || (status === 200 && body.user === undefined)) return;
      }
    };
    const writers = Promise.all(ISOLATES.map(write));
    expect((await request(`${kind}/log-out`, cookie, "second")).status).toBe(200);
    await writers;
    expect((await request(`${kind}/read`, cookie, "third")).body).toEqual({});
  });

  it("what was acknowledged survives kill -9 of workerd, in both tables, and so does the mark of a log-out", async () => {
    const kept = newKey();
    const ended = newKey();
    for (const kind of ["sojourn_sessions", "durable"]) {
      const table = tableIn(workerd.url, kind);
      await table.insert(kept, row("first", 1), NOW);
      await table.insert(ended, row("ended", 1), NOW);
      expect(await table.replace(kept, 1, row("second", 2), NOW)).toBe("done");
      expect(await table.delete(ended, 1, NOW)).toBe("done");
    }
    const cookie = await logIn("durable");
    await workerd.server.kill();
    await expect(tableIn(workerd.url, "durable").get(kept)).rejects.toThrow();
    await workerd.restart();
    for (const kind of ["sojourn_sessions", "durable"]) {
      const table = tableIn(workerd.url, kind);
      expect(await table.get(kept)).toEqual(row("second", 2));
      expect(await table.get(ended)).toBeUndefined();
    }
    expect(await tableIn(workerd.url, "durable").insert(ended, row("late", 3), NOW)).toBe(false);
    expect((await request("durable/read", cookie)).body).toEqual({ user: "alice" });
  });

  it("each table takes its own binding, and names what it was given instead", async () => {
    const said = (await (await workerd.ask("/set-up")).json()) as Readonly<Record<string, string>>;
    expect(said["d1Table DB"]).toBe("accepted");
    expect(said["durableTable ROWS"]).toBe("accepted");
    expect(said["d1Table ROWS"]).toMatch(/belongs to durableTable/);
    expect(said["durableTable DB"]).toMatch(/belongs to d1Table/);
    expect(said["sqliteTable DB"]).toMatch(/belongs to d1Table/);
    for (const table of ["d1Table", "durableTable"]) {
      expect(said[`${table} KV`]).toMatch(/KV namespace has no compare-and-set/);
      expect(said[`${table} BUCKET`]).toMatch(/R2 bucket/);
      expect(said[`${table} second`]).toMatch(new RegExp(`^${table} takes a `));
      expect(said[`${table} session`]).toMatch(/replica/);
    }
    expect(Object.values(said).filter((text) => text === "accepted")).toHaveLength(2);
  });
});

describe("the set-up of the tables of Cloudflare", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
  const never = (): never => {
    throw new Error("nobody has used a session yet");
  };
  const d1 = { prepare: never, batch: never, withSession: never };

  it("d1Table calls nothing of the database, and refuses options that it does not know", () => {
    expect(() => d1Table(d1)).not.toThrow();
    expect(() => d1Table(d1, { name: "a" } as object)).toThrow(config);
    for (const table of ["", "a b", 'a"', "a.b", "a".repeat(64)]) {
      expect(() => d1Table(d1, { table })).toThrow(config);
    }
  });

  it.each([
    ["better-sqlite3", { prepare: never, exec: never, pragma: never }],
    ["node:sqlite", { prepare: never, exec: never, createFunction: never }],
  ])("d1Table refuses a database of %s, and names sqliteTable", (_name, db) => {
    expect(() => d1Table(db as never)).toThrow(config);
    expect(() => d1Table(db as never)).toThrow(/sqliteTable/);
  });

  it.each([undefined, null, "DB", {}, () => {}, new Map()])("both refuse %o", (wrong) => {
    expect(() => d1Table(wrong as never)).toThrow(config);
    expect(() => durableTable(wrong as never)).toThrow(config);
  });
});

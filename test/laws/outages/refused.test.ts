import { describe, expect, it } from "vitest";
import { refused } from "../../../src/index.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import { CalledTable } from "../../support/tables/called-table.ts";
import type { TableVerb } from "../../support/tables/called-table.ts";

const time = clock();
/** The length of the key of a session's row. */
const HANDLE = 22;

/** A table whose database refuses one kind of call, before or after it could answer with a promise. */
class RefusingTable extends CalledTable {
  readonly calls: TableVerb[] = [];
  readonly full = new Error("no memory is left");
  readonly #later: boolean;
  refuses: TableVerb | undefined;

  constructor(table: SessionTable, later: boolean) {
    super(table);
    this.#later = later;
  }

  protected call<T>(verb: TableVerb, key: string, run: () => Awaitable<T>): Promise<T> {
    // The mark of revokeBefore is read once a minute and is no row of a session.
    if (key.length === HANDLE) this.calls.push(verb);
    const answer = (): Awaitable<T> => {
      if (verb === this.refuses && key.length === HANDLE) throw refused(this.full);
      return run();
    };
    // A table that answers at once gives the value itself, which the type of a call cannot say.
    return this.#later ? Promise.resolve().then(answer) : (answer() as unknown as Promise<T>);
  }
}

const open = (table: SessionTable): Sessions =>
  createSessions({ store: tableStore({ table }), key: "session", now: time.now });

describe.each([
  ["answers later", true],
  ["answers at once", false],
])("L2: a database that %s and says that it has done nothing", (_, later) => {
  it.each([
    ["insert", []],
    ["replace", ["get"]],
    ["delete", ["get"]],
  ] as const)(
    "a refused %s costs one call, and its error says that nothing was written",
    async (verb, before) => {
      const table = new RefusingTable(createTable(), later);
      const sessions = open(table);
      const browser = new Browser(sessions, time.now);
      if (verb !== "insert") await browser.visit((conn) => sessions.putSession(conn, "n", 1));
      const cookie = browser.jar.header;
      table.calls.length = 0;
      table.refuses = verb;
      const request = browser.visit((conn) => {
        if (verb === "delete") sessions.dropSession(conn);
        else sessions.putSession(conn, "n", 2);
      });
      await expect(request).rejects.toMatchObject({
        code: "ERR_SESSION_STORE",
        message: expect.stringMatching(/refused.*nothing was written/),
        cause: table.full,
      });
      expect(table.calls).toEqual([...before, verb]);
      expect(browser.jar.header).toBe(cookie);
      table.refuses = undefined;
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "n"));
      expect(result).toBe(verb === "insert" ? undefined : 1);
    },
  );

  it("a refused read is the error of the handler that looks", async () => {
    const table = new RefusingTable(createTable(), later);
    const sessions = open(table);
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    table.calls.length = 0;
    table.refuses = "get";
    const request = browser.visit((conn) => sessions.getSession(conn, "n"));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE", cause: table.full });
    expect(table.calls).toEqual(["get"]);
  });

  it("a refused touch takes no page away", async () => {
    const table = new RefusingTable(createTable(), later);
    const sessions = open(table);
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    time.pass(HOUR);
    table.calls.length = 0;
    table.refuses = "touch";
    const { result, events } = await browser.visit((conn) => sessions.getSession(conn, "n"));
    expect(result).toBe(1);
    expect(events).toMatchObject([
      { name: "touch-error", error: { code: "ERR_SESSION_STORE", cause: table.full } },
    ]);
    expect(table.calls).toEqual(["get", "touch"]);
  });
});

describe("L5: a refusal after a lost answer", () => {
  it("the request is told that nobody knows whether it was written, because the first try may have arrived", async () => {
    const memory = createTable();
    const answers = [new Error("connection reset"), refused(new Error("no memory is left"))];
    const sessions = open({
      get: (key) => memory.get(key),
      insert: (...args) => memory.insert(...args),
      touch: (...args) => memory.touch(...args),
      delete: (...args) => memory.delete(...args),
      async replace(): Promise<"done"> {
        const answer = answers.shift();
        if (answer) throw answer;
        return "done";
      },
    });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    const request = browser.visit((conn) => sessions.putSession(conn, "n", 2));
    await expect(request).rejects.toMatchObject({
      code: "ERR_SESSION_STORE",
      message: expect.stringMatching(/not known/),
      cause: { message: "connection reset" },
    });
    expect(answers).toEqual([]);
  });
});

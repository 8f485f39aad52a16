import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Committer, Host } from "../../../src/core/request/host.ts";
import { requestStateOf } from "../../../src/core/request/attach.ts";
import { createSessions, hostSessionsOf } from "../../../src/core/sessions.ts";
import type { HostSession } from "../../../src/core/request/host-session.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { listenTo } from "../../contracts/hosts/world.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";

/** A host whose answer is lost when the test says so. */
class TestHost implements Host {
  readonly anonymousOnError = false;
  readonly isActivity = true;
  readonly #cookie: string;
  #isGone = false;
  #tell = (): void => {};

  constructor(cookie: string) {
    this.#cookie = cookie;
  }

  cookieHeader(): string {
    return this.#cookie;
  }

  onFirstLook(_session: Committer): boolean {
    return true;
  }

  isInsecure(): boolean {
    return false;
  }

  isGone(): boolean {
    return this.#isGone;
  }

  onGone(told: () => void): void {
    this.#tell = told;
  }

  /** The connection ends, and the event of that is still to come. */
  go(): void {
    this.#isGone = true;
  }

  /** The event comes; also after an answer that has left. */
  tell(): void {
    this.#tell();
  }
}

let keys = 0;

/** A request of ada, who is signed in. */
async function open(table: SessionTable = createTable()) {
  const key = `lost_${(keys += 1)}`;
  const sessions = createSessions({ store: tableStore({ table }), key, subject: "user" });
  const begin = async (cookie: string): Promise<{ host: TestHost; session: HostSession }> => {
    const host = new TestHost(cookie);
    const { session } = hostSessionsOf(sessions).begin(host, requestStateOf({}));
    await session.fetch();
    return { host, session };
  };
  const first = await begin("");
  first.session.put("user", "ada");
  const [cookie = ""] = ((await first.session.commit())?.setCookie ?? "").split(";");
  const events = listenTo(key);
  const read = async (): Promise<unknown> => (await begin(cookie)).session.session.get("user");
  return { ...(await begin(cookie)), events, read };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("L14: an answer that is lost", () => {
  it("a log-out after a commit that found the client gone is carried out, before the host tells of it", async () => {
    const { host, session, events } = await open();
    session.put("n", 1);
    host.go();
    await session.commit();
    session.session.drop();
    await turns();
    expect(events).toEqual(["commit write", "drop asked", "drop-cookie no-answer"]);
  });

  it("a session that was put after the log-out, and is not made, is an event", async () => {
    const { host, session, events } = await open();
    session.session.drop();
    session.put("user", "bob");
    host.go();
    await session.commit();
    expect(events).toEqual(["drop asked", "stop no-answer", "drop-cookie no-answer"]);
  });

  it("a log-out whose commit was under way is made once", async () => {
    const { host, session, events } = await open(new AsyncTable(createTable()));
    session.session.drop();
    const committing = session.commit();
    host.go();
    host.tell();
    await committing;
    await turns();
    expect(events).toEqual(["drop asked", "drop-cookie no-answer"]);
  });

  it("what a handler that had ended before wrote is committed at once", async () => {
    const { host, session, events } = await open();
    session.put("n", 1);
    session.handlerEnded();
    await turns();
    expect(events).toEqual([]);
    host.go();
    host.tell();
    await turns();
    expect(events).toEqual(["commit write"]);
  });

  it("the commit leaves no timer behind", async () => {
    const { host, session } = await open();
    session.put("n", 1);
    host.go();
    host.tell();
    expect(vi.getTimerCount()).toBe(1);
    await session.commit();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("a log-out that is taken back was made all the same, and what is put then is an event", async () => {
    const { host, session, events } = await open();
    session.session.drop();
    host.go();
    host.tell();
    session.configure("drop", false);
    session.put("n", 1);
    session.handlerEnded();
    await turns();
    expect(events.toSorted()).toEqual(["drop asked", "drop-cookie no-answer", "stop no-answer"]);
  });
});

describe("L14: a revocation of the others", () => {
  it("a revocation that comes when a renewal was left out already spares nothing", async () => {
    const { host, session, events, read } = await open();
    session.session.renew();
    host.go();
    host.tell();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(events).toEqual(["stop no-answer"]);
    expect(session.spare()).toBeUndefined();
    expect(await read()).toBe("ada"); // The revocation that asked will end it.
  });

  it("a revocation spares a session whose renewal can still be made, or was made", async () => {
    const { session } = await open();
    const { handle } = session.session;
    expect(session.spare()).toBe(handle);
    session.session.renew();
    await session.commit();
    expect(session.spare()).toBe(handle);
  });
});

describe("L14: an answer that has left", () => {
  it("the answer is not lost when its connection ends: a log-out after it is refused", async () => {
    const { host, session, events } = await open();
    session.put("n", 1);
    await session.commit();
    host.go();
    host.tell();
    expect(() => session.session.drop()).toThrow(/the response has started/);
    await turns();
    expect(events).toEqual(["commit write"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** Calls of a store of express-session: which errors say that there is no row, and what waits for a late answer. */
import { connect } from "node:net";
import { unlink } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MemoryStore } from "../../../src/adapters/express-session.ts";
import {
  destroyRow,
  getRow,
  inLine,
  setRow,
  touchRow,
} from "../../../src/adapters/express-session/connect-calls.ts";
import type { ConnectStore } from "../../../src/adapters/express-session/store.ts";

const MISSING = join(tmpdir(), "sojourn-no-such-file");
const ROW = { user: "ada", cookie: {} };

const errorOfSocket = (): Promise<unknown> =>
  new Promise((resolve) => connect(MISSING).once("error", resolve));
const errorOfFile = (): Promise<unknown> => new Promise((resolve) => unlink(MISSING, resolve));

function failing(error: unknown): ConnectStore {
  const fail = (...args: unknown[]): void => (args.at(-1) as (error: unknown) => void)(error);
  return { get: fail, set: fail, destroy: fail, touch: fail };
}

describe("L2: a store that says ENOENT", () => {
  it("the socket of a server that is away says nothing about a row", async () => {
    const error = await errorOfSocket();
    const store = failing(error);
    expect(error).toMatchObject({ code: "ENOENT", syscall: "connect" });
    await expect(getRow(store, "id")).rejects.toBe(error);
    await expect(setRow(store, "id", ROW)).rejects.toBe(error);
    await expect(touchRow(store, "id", ROW)).rejects.toBe(error);
    await expect(destroyRow(store, "id")).rejects.toBe(error);
  });

  it("a file that is not there is no row to read or to destroy, and a write of it fails", async () => {
    const error = await errorOfFile();
    const store = failing(error);
    expect(await getRow(store, "id")).toBeUndefined();
    expect(await destroyRow(store, "id")).toBeUndefined();
    await expect(setRow(store, "id", ROW)).rejects.toBe(error);
    await expect(touchRow(store, "id", ROW)).rejects.toBe(error);
  });
});

describe("L7: a write that the store answers too late", () => {
  /** A store that keeps a `set` until the test lets it land. */
  function openSlow() {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const store = new MemoryStore();
    const set = store.set.bind(store);
    let land = (): void => {};
    store.set = (id, row, done) => {
      land = () => set(id, row, done);
    };
    const connected = store as unknown as ConnectStore;
    const write = inLine(store, "id", () => setRow(connected, "id", ROW));
    const out = (): Promise<void> => inLine(store, "id", () => destroyRow(connected, "id"));
    return { store: connected, write, out, land: () => land() };
  }
  const SILENT = { code: "ERR_SESSION_STORE" };

  it("a log-out behind it waits for its answer, so that it brings nothing back", async () => {
    const { store, write, out, land } = openSlow();
    const late = expect(write).rejects.toMatchObject(SILENT);
    const ended = out();
    await vi.advanceTimersByTimeAsync(2000);
    await late;
    land();
    await ended;
    expect(await getRow(store, "id")).toBeUndefined();
  });

  it("a log-out behind it fails two seconds later, and again at once, but not for ever", async () => {
    const { write, out } = openSlow();
    const late = expect(write).rejects.toMatchObject(SILENT);
    const ended = expect(out()).rejects.toMatchObject(SILENT);
    await vi.advanceTimersByTimeAsync(2000);
    await late;
    await vi.advanceTimersByTimeAsync(2000);
    await ended;
    await expect(out()).rejects.toMatchObject(SILENT);
    await vi.advanceTimersByTimeAsync(28_000);
    expect(await out()).toBeUndefined();
  });
});

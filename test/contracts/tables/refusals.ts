/** What a table has to do if its database says that it has done nothing. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Browser } from "../../support/browser.ts";
import { World, handleOf, read } from "./store-world.ts";

/** A database of a test's own, which can be made to refuse, and the way to it, on which calls are counted. */
export interface Refusing {
  readonly table: SessionTable;
  /** Calls that were made since it was set to 0. */
  readonly calls: { trips: number };
  close(): unknown;
}

export type RefusalCase<Opened extends Refusing> = readonly [
  title: string,
  /** Makes the database refuse, and gives the way back. */
  refuse: (opened: Opened, handle: string) => Promise<() => unknown>,
  /** What the error of the client is like. */
  cause: object,
];

/** Registers a test for each case. */
export function testRefusals<Opened extends Refusing>(
  open: () => Promise<Opened>,
  cases: readonly RefusalCase<Opened>[],
): void {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  }, 30_000);
  afterAll(() => opened?.close());

  it.each(cases)(
    "L2: a write that the database refuses for %s costs one call at most, and the session is as before",
    async (_title, refuse, cause) => {
      const { error, trips, browser } = await writeRefused(opened, refuse);
      expect(error).toMatchObject({
        code: "ERR_SESSION_STORE",
        message: expect.stringMatching(/refused.*nothing was written/),
        cause,
      });
      expect(trips).toBeLessThanOrEqual(1);
      expect(await read(browser)).toEqual({ n: 2 });
      await browser.visit((conn) => browser.sessions.putSession(conn, "n", 4));
      expect(await read(browser)).toEqual({ n: 4 });
    },
    20_000,
  );
}

/** Writes while the database refuses. Gives what the request got, and how many calls it took. */
export async function writeRefused<Opened extends Refusing>(
  opened: Opened,
  refuse: RefusalCase<Opened>[1],
): Promise<{ readonly error: unknown; readonly trips: number; readonly browser: Browser }> {
  const world = new World(opened.table);
  const sessions = world.process();
  const browser = world.browser(sessions);
  // The first ones make connections, and the server learns scripts and statements.
  for (let n = 1; n <= 2; n++) await browser.visit((conn) => sessions.putSession(conn, "n", n));
  const request = await browser.begin();
  const loadedAt = performance.now();
  request.run((conn) => sessions.putSession(conn, "n", 3));
  const allow = await refuse(opened, handleOf(browser));
  opened.calls.trips = 0;
  // However long the refusal took to arrange, the row counts as just read: another read would be counted as well.
  const clock = vi.spyOn(performance, "now").mockReturnValue(loadedAt);
  const error = await request.finish().catch((failure: unknown) => failure);
  clock.mockRestore();
  const { trips } = opened.calls;
  await allow();
  return { error, trips, browser };
}

/** Registers a test for an error that may come behind the write. */
export function testNoRefusal<Opened extends Refusing>(
  open: () => Promise<Opened>,
  [title, fail, cause]: RefusalCase<Opened>,
): void {
  it(`L5: ${title} may come behind the write, so that one read looks`, async () => {
    const opened = await open();
    const { error, trips } = await writeRefused(opened, fail);
    expect(error).toMatchObject({
      code: "ERR_SESSION_STORE",
      message: expect.stringMatching(/not known/),
      cause,
    });
    expect(trips).toBeGreaterThan(1);
    await opened.close();
  }, 20_000);
}

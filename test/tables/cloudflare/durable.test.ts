/** The table of Durable Objects, in real workerd: the contract, and when an object removes its row. */
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { HOUR, MINUTE, NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { tableIn } from "../../support/cloudflare/table-in.mjs";
import { hasWorkerd } from "../../support/cloudflare/workerd.ts";
import { testInWorkerd } from "./world.ts";

interface Watched {
  /** When the alarm comes, by the object's clock; `null` for never. */
  readonly alarm: number | null;
  readonly now: number;
  readonly isKept: boolean;
}

const YEAR = 365 * 24 * HOUR;

describe.skipIf(!hasWorkerd)("the table of Durable Objects in workerd", { timeout: 60_000 }, () => {
  const workerd = testInWorkerd("durable");

  describe("the alarm of an object", () => {
    let table: SessionTable;
    let key: string;
    beforeEach(() => {
      table = tableIn(workerd().url, "durable");
      key = newKey();
    });
    const watch = async (path = "watch"): Promise<Watched> =>
      (await workerd().ask(`/object/${key}/${path}`)).json() as Promise<Watched>;
    /** Lets the object's clock stand so far ahead, and the alarm come. */
    const alarmIn = async (time: number): Promise<Watched> => {
      const { now } = await watch();
      return watch(`fire?at=${now + time}`);
    };
    const wait = async (): Promise<number> => {
      const { alarm, now } = await watch();
      return (alarm ?? Number.NaN) - now;
    };
    const about = (actual: number, expected: number): void => {
      expect(actual).toBeLessThanOrEqual(expected);
      expect(actual).toBeGreaterThan(expected - MINUTE);
    };

    it.each([
      ["in 1970", 0],
      ["in 2040", NOW],
    ])(
      "an object removes its row five minutes late, by an application's clock that stands %s",
      async (_when, now) => {
        await table.insert(key, row("a", 1, now + HOUR), now);
        about(await wait(), HOUR + 5 * MINUTE);
        expect(await alarmIn(HOUR + 4 * MINUTE)).toMatchObject({ isKept: true });
        expect(await alarmIn(HOUR + 6 * MINUTE)).toMatchObject({ isKept: false, alarm: null });
        expect(await table.get(key)).toBeUndefined();
      },
    );

    it("a touch moves no alarm: the one that comes too early is set again, and the row stays", async () => {
      await table.insert(key, row("a", 1, NOW + HOUR), NOW);
      await table.touch(key, 1, NOW + 3 * HOUR, NOW);
      about(await wait(), HOUR + 5 * MINUTE);
      const { alarm, now, isKept } = await alarmIn(2 * HOUR);
      expect(isKept).toBe(true);
      about((alarm ?? Number.NaN) - now, 3 * HOUR + 5 * MINUTE);
      expect(await table.get(key)).toEqual(row("a", 1, NOW + 3 * HOUR));
      expect(await alarmIn(3 * HOUR + 6 * MINUTE)).toMatchObject({ isKept: false });
    });

    it("an earlier deadline moves the alarm earlier, and so does a log-out, whose mark goes after 15 minutes", async () => {
      await table.insert(key, row("a", 1, NOW + 9 * HOUR), NOW);
      await table.replace(key, 1, row("b", 2, NOW + HOUR), NOW);
      about(await wait(), HOUR + 5 * MINUTE);
      await table.delete(key, 2);
      about(await wait(), 15 * MINUTE);
      expect(await alarmIn(14 * MINUTE)).toMatchObject({ isKept: true });
      expect(await table.insert(key, row("late", 1), NOW)).toBe(false);
      expect(await alarmIn(16 * MINUTE)).toMatchObject({ isKept: false, alarm: null });
    });

    it("a deadline that is centuries ahead has an alarm in a year, which keeps the row", async () => {
      const far = row("a", 1, Date.UTC(9999, 0, 1));
      expect(await table.insert(key, far, NOW)).toBe(true);
      about(await wait(), YEAR);
      const { alarm, now, isKept } = await alarmIn(YEAR + HOUR);
      expect(isKept).toBe(true);
      about((alarm ?? Number.NaN) - now, 2 * YEAR + HOUR);
      expect(await table.get(key)).toEqual(far);
    });

    it("L13: a question about a session that is not there leaves nothing in the object", async () => {
      expect(await table.get(key)).toBeUndefined();
      expect(await table.replace(key, 1, row("b", 2), NOW)).toBe("gone");
      expect(await table.touch(key, 1, NOW + HOUR, NOW)).toBe("gone");
      expect(await table.delete(key, 1, NOW)).toBe("gone");
      expect(await watch()).toMatchObject({ isKept: false, alarm: null });
    });
  });

  it("a class of the key-value storage is an error that names what to declare", async () => {
    const table = tableIn(workerd().url, "old");
    await expect(table.get(newKey())).rejects.toThrow(/new_sqlite_classes/);
  });
});

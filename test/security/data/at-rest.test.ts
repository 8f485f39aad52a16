/** What a store keeps, in the hands of whoever reads it. */
import { expect, test } from "vitest";
import { newToken } from "../../../src/crypto/token.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { LeakScanner } from "../../support/leaks.ts";
import { incident, row } from "../support/row.ts";
import { everyTable } from "../support/stores.ts";
import { World, cookieOf, handleOf } from "../support/world.ts";

row("S3", () => {
  everyTable((open) => {
    test("a copy of the whole store holds no cookie and no token, in no encoding", async () => {
      const world = new World(await open());
      const scanner = new LeakScanner();
      const browser = world.browser();
      for (let i = 0; i < 3; i++) {
        await world.signIn(browser, "alice"); // Also what was renewed away.
        scanner.confideCookie(cookieOf(browser));
      }
      const dump = await world.place.dump();
      expect(dump).toContain(handleOf(cookieOf(browser)));
      scanner.hear("the table", dump);
      expect(scanner.found()).toEqual([]);
    });

    test("no part of the store opens a session when it is offered as a cookie", async () => {
      const world = new World(await open());
      const cookie = cookieOf(await world.signedIn());
      const handle = handleOf(cookie);
      const row = await world.place.table?.get(handle);
      const digest = /"digest":"([\w-]{43})"/.exec(row?.value ?? "")?.[1] ?? "";
      const parts = [handle, digest].map((each) => Buffer.from(each, "base64url"));
      const forged = [
        handle,
        digest,
        Buffer.concat(parts).toString("base64url"),
        handle + digest.slice(1),
        handle + digest.slice(0, 42),
      ];
      expect(forged[2]).toHaveLength(64);
      for (const each of forged) {
        const { read, refused } = await world.read(world.sessions(), `sid=${each}`);
        expect(read, each).toEqual({});
        expect(refused).toHaveLength(1);
      }
    });
  });
});

incident("CVE-2019-16782", () => {
  everyTable((open) => {
    test("the key in the store, known to all, opens nothing with any other token", async () => {
      const world = new World(await open());
      const handle = handleOf(cookieOf(await world.signedIn()));
      for (let i = 0; i < 20; i++) {
        const guessed = newToken("sid", handle).cookie;
        const { read, refused } = await world.read(world.sessions(), `sid=${guessed}`);
        expect([read, refused]).toEqual([{}, ["unknown-token"]]);
      }
    });
  });
});

incident("CVE-2019-25025", () => {
  everyTable((open) => {
    test("the key in the store is no cookie, and no code falls back to it", async () => {
      const world = new World(await open());
      const handle = handleOf(cookieOf(await world.signedIn()));
      world.place.asked.length = 0;
      const { read, refused } = await world.read(world.sessions(), `sid=${handle}`);
      expect([read, refused]).toEqual([{}, ["malformed"]]);
      expect(world.place.asked).toEqual([]);
    });
  });
});

incident("CVE-2011-4136", () => {
  everyTable((open) => {
    test("a cookie that another cookie name made in the same table opens nothing", async () => {
      const world = new World(await open());
      const cache = world.sessions({ key: "cache" });
      const made = await world.offer(cache, undefined, ({ put }) => {
        put("user", "alice");
        return {};
      });
      const { read, refused } = await world.read(world.sessions(), `sid=${made.cookie}`);
      expect([read, refused]).toEqual([{}, ["unknown-token"]]);
    });

    test("a row that another program writes under a session's key is no session", async () => {
      const world = new World(await open());
      const { table } = world.place;
      if (!table) throw new Error("a table is needed");
      const cookie = newToken("sid").cookie;
      const value = JSON.stringify({ user: "alice" });
      await table.insert(
        handleOf(cookie),
        { value, version: 1, expiresAt: 4e12 },
        world.time.now(),
      );
      const sessions = world.sessions({}, tableStore({ table: verbsOf(table) }));
      const { read, refused } = await world.write(sessions, `sid=${cookie}`);
      expect([read, refused]).toEqual([{}, ["unknown-format"]]);
      // And it is left as it was.
      expect((await table.get(handleOf(cookie)))?.value).toBe(value);
    });
  });
});

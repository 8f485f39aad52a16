/** Ids that others choose: never adopted, never stored for, never read as syntax. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { newToken } from "../../../src/crypto/token.ts";
import { incident, row } from "../support/row.ts";
import { everyStore, everyTable } from "../support/stores.ts";
import type { Place } from "../support/stores.ts";
import { LIFETIME, World, cookieOf, handleOf } from "../support/world.ts";

/** Cookies of this application that are good no longer, or never were, each with the name of its fault. */
async function badCookies(
  world: World,
  open: () => Promise<Place>,
): Promise<readonly (readonly [string, string])[]> {
  const sessions = world.sessions();
  const dropped = await world.signedIn("alice", sessions);
  const deleted = cookieOf(dropped);
  // A sealed cookie that was dropped is good until its deadline: row S25.
  if (world.place.table) await dropped.visit((conn) => sessions.dropSession(conn));
  const expired = cookieOf(await world.signedIn("alice", sessions));
  world.time.pass(LIFETIME.idle);
  const good = cookieOf(await world.signedIn("alice", sessions));
  const elsewhere = cookieOf(await new World(await open()).signedIn());
  const changed = (at: number): string =>
    good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
  return [
    ["never issued", newToken("sid").cookie],
    ["expired", expired],
    ["deleted", deleted],
    ["another tenant's", elsewhere],
    ["one character changed in front", changed(1)],
    ["one character changed in the middle", changed(30)],
    ["one character changed at the end", changed(good.length - 2)],
    ["too short", good.slice(0, -1)],
    ["too long", `${good}A`],
    ["one megabyte", "A".repeat(1_000_000)],
    ["empty", ""],
    ["a word", "admin"],
  ];
}

row("S5", () => {
  everyStore((open) => {
    test("a request that writes under a bad id gets a session of its own, and the refusal is an event", async () => {
      const world = new World(await open());
      for (const [fault, bad] of await badCookies(world, open)) {
        const { read, refused, cookie } = await world.write(world.sessions(), `sid=${bad}`);
        expect(read, fault).toEqual({});
        expect(refused, fault).toHaveLength(1);
        // What another version of Sojourn has sealed is neither read nor replaced.
        if (refused[0] === "unknown-format") {
          expect([fault, cookie]).toEqual(["one character changed in front", undefined]);
          continue;
        }
        expect(cookie?.length, fault).toBeGreaterThan(60);
        expect(cookie, fault).not.toBe(bad);
        const own = await world.read(world.sessions(), `sid=${cookie}`);
        expect(own.read, fault).toEqual({ evil: "written by an attacker" });
      }
    });
  });

  everyTable((open) => {
    test("no row is made under a handle that was offered", async () => {
      const world = new World(await open());
      const bad = await badCookies(world, open);
      const before = new Set(world.place.rows);
      for (const [fault, each] of bad) {
        const { cookie = "" } = await world.write(world.sessions(), `sid=${each}`);
        expect(handleOf(cookie), fault).not.toBe(handleOf(each.slice(0, 100)));
        expect(world.place.rows.has(handleOf(cookie)), fault).toBe(true);
      }
      const added = [...world.place.rows].filter((key) => !before.has(key));
      expect(added).toHaveLength(bad.length);
    });
  });
});

incident("CVE-2015-3982", () => {
  everyStore((open) => {
    test("a session that was emptied or dropped, and is written again, is another session", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const [one, two] = [
        await world.signedIn("alice", sessions),
        await world.signedIn("bob", sessions),
      ];
      for (const each of [one, two]) {
        await each.visit((conn) => {
          for (const key of Object.keys(sessions.getSession(conn)))
            sessions.deleteSession(conn, key);
        });
      }
      await one.visit((conn) => sessions.putSession(conn, "mine", world.canary));
      expect((await world.read(sessions, two.jar.header)).read).toEqual({});
      await one.visit((conn) => sessions.dropSession(conn));
      await two.visit((conn) => sessions.dropSession(conn));
      await one.visit((conn) => sessions.putSession(conn, "mine", world.canary));
      await two.visit((conn) => sessions.putSession(conn, "other", 1));
      expect((await world.read(sessions, two.jar.header)).read).toEqual({ other: 1 });
      expect(cookieOf(one)).not.toBe(cookieOf(two));
    });
  });
});

row("S31", () => {
  everyTable((open) => {
    test("a thousand requests that bring nothing and leave nothing make no row and no cookie", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      for (let i = 0; i < 1000; i++) {
        const cookie = i % 2 ? newToken("sid").cookie : undefined;
        const { cookie: sent } = await world.offer(
          sessions,
          cookie && `sid=${cookie}`,
          (session) => {
            session.get();
            if (i % 3 === 0) session.configure("renew", true);
            if (i % 5 === 0) session.configure("drop", true);
            return {};
          },
        );
        // A log-out clears the bad cookie, and no more.
        expect(sent ?? "").toBe("");
      }
      expect(world.place.rows.size).toBe(0);
      expect(await world.place.dump()).not.toContain('"data"');
    });
  });
});

incident("CVE-2015-5143", () => {
  everyTable((open) => {
    test("an unknown id that is read, or whose missing key is deleted, makes no row", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      browser.jar.take([`sid=${newToken("sid").cookie}`]);
      const { setCookie } = await browser.visit((conn) => {
        sessions.getSession(conn, "user");
        sessions.deleteSession(conn, "user");
        sessions.of(conn).flash("message");
      });
      expect(setCookie).toBeUndefined();
      expect(world.place.rows.size).toBe(0);
    });
  });
});

incident("CVE-2015-5963", () => {
  everyTable((open) => {
    test("a log-out leaves no row, with a session, without one, and with one that is gone", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const { header } = browser.jar;
      for (const each of [header, header, undefined, `sid=${newToken("sid").cookie}`]) {
        await world.offer(sessions, each, ({ configure }) => {
          configure("drop", true);
          return {};
        });
      }
      expect(world.place.rows.size).toBe(0);
    });
  });
});

/** What has been a path, a query or a command elsewhere. */
const SYNTAX = [
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "%2e%2e%2f",
  "..\\..\\boot.ini",
  "/etc/passwd",
  "CON",
  "a\0b",
  "x%0d%0aset sid 0 0 1%0d%0a1",
  "'--",
  "' OR 1=1 --",
  "*",
  "?",
  "[a-z]*",
  "{user}",
  "$(id)",
  "`id`",
  "__proto__",
  "constructor",
  "\u202e",
  "😀".repeat(16),
  "../".repeat(21) + "a",
  "'".repeat(64),
  "*".repeat(64),
];

row("S37", () => {
  everyTable((open) => {
    test("only handles of base64url reach the database, whatever is offered", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const victim = await world.signedIn("alice", sessions);
      const before = await world.place.dump();
      for (const id of SYNTAX) {
        const { read } = await world.read(sessions, `sid=${id}`);
        expect(read, id).toEqual({});
      }
      for (const key of world.place.asked) expect(key).toMatch(/^[\w-]{22}$/);
      expect(sha(await world.place.dump())).toBe(sha(before));
      expect((await world.read(sessions, victim.jar.header)).read["user"]).toBe("alice");
    });

    test("data that looks like a query comes back as it was", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      await browser.visit((conn) => {
        for (const [at, text] of SYNTAX.entries()) {
          sessions.putSession(conn, text.replaceAll("\0", ""), `${text}'); DROP TABLE x; -- ${at}`);
        }
      });
      const { read } = await world.read(world.sessions(), browser.jar.header);
      for (const [at, text] of SYNTAX.entries()) {
        expect(read[text.replaceAll("\0", "")]).toBe(`${text}'); DROP TABLE x; -- ${at}`);
      }
    });
  });
});

incident("CVE-2025-61686", () => {
  everyTable((open) => {
    test("a path as an id is refused before any table is asked", async () => {
      const world = new World(await open());
      const path = Buffer.from("../".repeat(16)).toString("base64url");
      expect(path).toHaveLength(64);
      await world.write(world.sessions(), "sid=../../../../tmp/evil.json");
      expect(world.place.asked.filter((key) => key.includes("."))).toEqual([]);
      // In the alphabet it is only one more handle that nobody has.
      const { refused } = await world.read(world.sessions(), `sid=${path}`);
      expect(refused).toEqual(["unknown"]);
    });
  });
});

function sha(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The Cookie header that comes: an attacker may write all of it, or add to it from a neighbouring host. */
import { describe, expect, test } from "vitest";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { open as openHost } from "../../contracts/hosts/world.ts";
import { everyHost } from "../support/hosts.ts";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { World, cookieOf, valueOf } from "../support/world.ts";

const HOST_KEY = "__Host-sid";

/** Names that are the session's for some parser or other. */
const SPELLINGS: readonly ((value: string) => string)[] = [
  (value) => `=${HOST_KEY}=${value}`,
  (value) => `; =${HOST_KEY}=${value}`,
  (value) => `${HOST_KEY.toLowerCase()}=${value}`,
  (value) => `${HOST_KEY.toUpperCase()}=${value}`,
  (value) => `\u00a0${HOST_KEY}=${value}`,
  (value) => `${HOST_KEY}\u00a0=${value}`,
  (value) => `\ufeff${HOST_KEY}=${value}`,
  (value) => `\u000b${HOST_KEY}=${value}`,
  (value) => `\u000c${HOST_KEY}=${value}`,
  (value) => `\u2003${HOST_KEY}=${value}`,
  (value) => `\0${HOST_KEY}=${value}`,
  (value) => `"${HOST_KEY}"=${value}`,
  (value) => `$${HOST_KEY}=${value}`,
  (value) => `$Version=1, ${HOST_KEY}=${value}`,
  (value) => `x,${HOST_KEY}=${value}`,
  (value) => `x=1 ${HOST_KEY}=${value}`,
  (value) => `x=${HOST_KEY}=${value}`,
  (value) => `__%48ost-sid=${value}`,
  (value) => `${HOST_KEY}[0]=${value}`,
  (value) => `${HOST_KEY}.sig=${value}`,
  (value) => `${HOST_KEY} x=${value}`,
  (value) => `${HOST_KEY}="${value}`,
  (value) => `${HOST_KEY}=""${value}""`,
  (value) => `$Version="1, ${HOST_KEY}=${value}"`,
  (value) => `${HOST_KEY}=%${value}`,
];

row("S10", () => {
  everyStore((open) => {
    test("a good cookie under any other name reads nothing", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ key: HOST_KEY });
      const browser = await world.signedIn("alice", sessions);
      const value = browser.jar.value(HOST_KEY) ?? "";
      expect((await world.read(sessions, `${HOST_KEY}=${value}`)).read["user"]).toBe("alice");
      for (const spell of SPELLINGS) {
        const header = spell(value);
        const { read } = await world.read(sessions, header);
        expect(read, JSON.stringify(header.replace(value, "…"))).toEqual({});
      }
    });

    test("a good cookie under any other name takes nothing away from the real one", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ key: HOST_KEY });
      const [alice, mallory] = [
        await world.signedIn("alice", sessions),
        await world.signedIn("mallory", sessions),
      ];
      const evil = mallory.jar.value(HOST_KEY) ?? "";
      const own = alice.jar.header ?? "";
      for (const spell of SPELLINGS.slice(0, -2)) {
        for (const header of [`${spell(evil)}; ${own}`, `${own}; ${spell(evil)}`]) {
          const { read } = await world.read(sessions, header);
          expect(read["user"], JSON.stringify(spell("…"))).toBe("alice");
        }
      }
    });
  });
});

incident("CVE-2023-23934", () => {
  everyStore((open) => {
    test("a cookie without a name does not read as the session", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ key: HOST_KEY });
      const value = (await world.signedIn("mallory", sessions)).jar.value(HOST_KEY) ?? "";
      expect((await world.read(sessions, `=${HOST_KEY}=${value}`)).read).toEqual({});
    });
  });
});

incident("CVE-2026-39410", () => {
  everyStore((open) => {
    test("a name behind a no-break space does not read as the session", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ key: HOST_KEY });
      const value = (await world.signedIn("mallory", sessions)).jar.value(HOST_KEY) ?? "";
      for (const space of ["\u00a0", "\u00c2\u00a0"]) {
        expect((await world.read(sessions, `${space}${HOST_KEY}=${value}`)).read).toEqual({});
      }
    });
  });
});

row("S11", () => {
  everyStore((open) => {
    test("a forged cookie before or behind the real one changes nothing", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const cookie = cookieOf(await world.signedIn("alice", sessions));
      const forged = cookie.slice(0, -3) + (cookie.endsWith("AAA") ? "BBB" : "AAA");
      for (const header of [`sid=${forged}; sid=${cookie}`, `sid=${cookie}; sid=${forged}`]) {
        const { read, refused } = await world.read(sessions, header);
        expect(read["user"]).toBe("alice");
        expect(refused).toHaveLength(1);
      }
    });

    test("two good cookies of different users open neither, in either order, and send nothing", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const [alice, mallory] = [
        cookieOf(await world.signedIn("alice", sessions)),
        cookieOf(await world.signedIn("mallory", sessions)),
      ];
      for (const header of [`sid=${alice}; sid=${mallory}`, `sid=${mallory}; sid=${alice}`]) {
        const { read, refused, cookie } = await world.read(sessions, header);
        expect([read, refused, cookie]).toEqual([{}, ["ambiguous"], undefined]);
      }
    });
  });
});

incident("CVE-2023-27495", () => {
  everyStore((open) => {
    test("a neighbour's cookie never puts the attacker's session in the victim's place", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const victim = await world.signedIn("alice", sessions);
      const tossed = cookieOf(await world.signedIn("mallory", sessions));
      for (const copies of [1, 2, 3, 4, 20]) {
        const many = Array.from({ length: copies }, () => `sid=${tossed}`).join("; ");
        const { read } = await world.read(sessions, `${many}; ${victim.jar.header}`);
        expect(read).toEqual({});
      }
    });
  });
});

row("S12", () => {
  everyHost((driver) => {
    describe.each(storeKinds)("with $name", (stores) => {
      test("several Cookie headers, as HTTP/2 sends them, are read as one", async () => {
        const setting = { driver, stores };
        const world = await openHost(setting, ({ sessions }) => ({ conn, path }) => {
          if (path === "/log-in") sessions.putSession(conn, "user", "ada");
          return { body: String(sessions.getSession(conn, "user")) };
        });
        const browser = world.browser();
        await browser.get("/log-in");
        const own = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("");
        for (const cookies of [
          ["a=1", own, "b=2"],
          [`a=1; ${own}`, "b=2"],
          ["a=1; b=2", own],
        ]) {
          expect((await browser.get("/", { cookies })).body).toBe("ada");
        }
        // Two that open, in headers of their own, are as ambiguous as in one.
        const other = world.browser();
        await other.get("/log-in");
        const second = [...other.jar].map(([name, value]) => `${name}=${value}`).join("");
        expect((await browser.get("/", { cookies: [own, second] })).body).toBe("undefined");
      });
    });
  });
});

row("S13", () => {
  everyStore((open) => {
    test("renew, write, configure and drop in one request make one Set-Cookie, and clear the one of another path", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const places: (readonly string[])[] = [];
      const acts: (() => Parameters<typeof browser.visit>[0])[] = [
        () => (conn) => {
          sessions.renewSession(conn);
          sessions.putSession(conn, "a", 1);
          sessions.configureSession(conn, "path", "/app");
          sessions.renewSession(conn);
        },
        () => (conn) => {
          sessions.renewSession(conn);
          sessions.putSession(conn, "a", 2);
          sessions.dropSession(conn);
          sessions.putSession(conn, "b", 1);
        },
        () => (conn) => {
          sessions.putSession(conn, "a", 3);
          sessions.dropSession(conn);
        },
      ];
      for (const act of acts) {
        const { headers } = await browser.visit(act());
        places.push(headers.getSetCookie().map((each) => /Path=[^;]*/.exec(each)?.[0] ?? ""));
      }
      // The path was changed once, and the drop that follows does not know whether that answer has arrived.
      expect(places).toEqual([["Path=/", "Path=/app"], ["Path=/app", "Path=/"], ["Path=/"]]);
    });
  });
});

row("S30", () => {
  everyStore((open) => {
    test("more cookies of the name than four are refused, and the store is not asked", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { header } = (await world.signedIn("alice", sessions)).jar;
      const asked = world.place.asked.length;
      const many = Array.from({ length: 10_000 }, () => header).join("; ");
      const { read, refused } = await world.read(sessions, many);
      expect([read, refused]).toEqual([{}, ["too-many"]]);
      expect(world.place.asked).toHaveLength(asked);
    });

    test.each([
      ["one cookie of a megabyte", "A".repeat(1_000_000)],
      ["a megabyte of percent signs", "%".repeat(1_000_000)],
      ["a megabyte of quotes", '"'.repeat(1_000_000)],
      ["a megabyte of separators", ";".repeat(1_000_000)],
      ["a megabyte of spaces", " ".repeat(1_000_000)],
    ])("%s opens nothing and asks for nothing", async (_what, value) => {
      const world = new World(await open());
      const { read } = await world.read(world.sessions(), `sid=${value}`);
      expect(read).toEqual({});
      expect(world.place.asked).toEqual([]);
    });
  });
});

incident("GHSA-q5pr-72pq-83v3", () => {
  everyStore((open) => {
    test.each(["__chunked__999999", "2.999999999", "-1", "1e9", "Infinity"])(
      "the value %s makes no code count",
      async (value) => {
        const world = new World(await open());
        const { read, refused, cookie } = await world.write(
          world.sessions(),
          `sid=${value}; sid.1=x`,
        );
        expect([read, refused]).toEqual([{}, ["malformed"]]);
        expect(valueOf(`sid=${cookie}`)).not.toContain("chunk");
      },
    );
  });
});

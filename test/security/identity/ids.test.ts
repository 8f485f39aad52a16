/** Handles and secrets: where they come from, that they are unique, and what is kept of them. */
import { expect, test, vi } from "vitest";
import { newToken } from "../../../src/crypto/token.ts";
import { read as readFile } from "../../setup/project.ts";
import { readSources } from "../../setup/source-graph.ts";
import { incident, row } from "../support/row.ts";
import { everyRow, everyTable, everyUnsealedRow } from "../support/stores.ts";
import { World, cookieOf, handleOf } from "../support/world.ts";

const random = vi.hoisted(() => ({
  /** All that the system's source has given. */
  given: [] as Buffer[],
  /** How many bytes were taken of it at a time. */
  taken: [] as number[],
  /** What a broken source gives instead, by its length. */
  broken: undefined as Buffer | undefined,
  compared: [] as (readonly [number, number])[],
}));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof import("node:crypto")>();
  return {
    ...real,
    randomFillSync(bytes: Buffer): Buffer {
      real.randomFillSync(bytes);
      random.given.push(Buffer.from(bytes));
      return bytes;
    },
    timingSafeEqual(a: Buffer, b: Buffer): boolean {
      random.compared.push([a.length, b.length]);
      return real.timingSafeEqual(a, b);
    },
  };
});

vi.mock("../../../src/crypto/random.ts", async (original) => {
  const { takeRandom } = await original<typeof import("../../../src/crypto/random.ts")>();
  return {
    takeRandom(length: number): Buffer {
      random.taken.push(length);
      return random.broken?.length === length ? Buffer.from(random.broken) : takeRandom(length);
    },
  };
});

/** Runs with a random source that gives the same 48 bytes, again and again. */
async function withBroken<T>(bytes: Buffer, run: () => Promise<T>): Promise<T> {
  random.broken = bytes;
  try {
    return await run();
  } finally {
    random.broken = undefined;
  }
}

row("S1", () => {
  everyUnsealedRow((open) => {
    test("a log-in draws 128 bits of handle and 256 of token or 192 of nonce from the system, and none from Math.random", async () => {
      const world = new World(await open());
      const dice = vi.spyOn(Math, "random");
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      for (let i = 0; i < 3; i++) {
        random.taken.length = 0;
        await world.signIn(browser, "alice");
        // A row has a version as well.
        expect(random.taken).toEqual(world.place.table ? [16 + 32, 7] : [16, 24]);
        const bytes = Buffer.from(cookieOf(browser), "base64url");
        // As the system gave them: the nonce; the secret, whose handle stays at a renewal.
        const own = world.place.table ? bytes.subarray(16) : bytes.subarray(5, 5 + 24);
        expect(random.given.some((each) => each.includes(own))).toBe(true);
      }
      await browser.visit((conn) => sessions.dropSession(conn));
      expect(dice).not.toHaveBeenCalled();
      dice.mockRestore();
    });

    test("a cookie has characters that need no quoting, and is never the same twice", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const seen = new Set<string>();
      for (let i = 0; i < 50; i++) seen.add(cookieOf(await world.signedIn("alice", sessions)));
      expect(seen.size).toBe(50);
      for (const each of seen) expect(each).toMatch(/^[A-Za-z0-9_-]{64,}$/);
    });
  });

  test("no source file uses Math.random", () => {
    expect(readSources().flatMap(({ uses }) => uses.map(({ what }) => what))).not.toContain(
      "Math.random",
    );
  });

  test("100,000 tokens hold no byte oftener than chance would, and no two are alike", () => {
    const count = 100_000;
    const places = Array.from({ length: 48 }, () => new Uint32Array(256));
    const secrets = new BigUint64Array(count);
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(newToken("sid").cookie, "base64url");
      secrets[i] = bytes.readBigUInt64LE(20);
      for (let at = 0; at < 48; at++) {
        const counts = places[at] as Uint32Array;
        const byte = bytes[at] as number;
        counts[byte] = (counts[byte] as number) + 1;
      }
    }
    const mean = count / 256;
    // 255 degrees of freedom: beyond 450 by chance once in more than 10^12 runs.
    for (const counts of places) {
      const chi = counts.reduce((sum, each) => sum + (each - mean) ** 2 / mean, 0);
      expect(chi).toBeLessThan(450);
    }
    secrets.sort();
    expect(secrets.findIndex((each, at) => at > 0 && each === secrets[at - 1])).toBe(-1);
  });
});

row("S2", () => {
  everyTable((open) => {
    test("a random source that repeats itself gives an error, and never another subject's session", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const alice = await world.signedIn("alice", sessions);
      const stolen = Buffer.from(cookieOf(alice), "base64url");
      world.place.asked.length = 0;
      await withBroken(stolen, () =>
        expect(world.signedIn("mallory", sessions)).rejects.toMatchObject({
          code: "ERR_SESSION_STORE",
        }),
      );
      // A bounded number of tries.
      expect(world.place.asked).toEqual([handleOf(cookieOf(alice)), ...world.place.asked.slice(1)]);
      expect(world.place.asked.length).toBeLessThan(10);
      expect((await world.read(sessions, alice.jar.header)).read).toMatchObject({ user: "alice" });
    });

    test("two processes that draw the same handle at the same time make one session, and not one for two", async () => {
      const world = new World(await open());
      const bytes = Buffer.alloc(48, 0x5a);
      const made = await withBroken(bytes, () =>
        Promise.allSettled(["alice", "bob"].map((user) => world.signedIn(user))),
      );
      const browsers = made.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(browsers).toHaveLength(1);
      const { read } = await world.read(world.sessions(), browsers[0]?.jar.header);
      expect(read["user"]).toBe(made[0]?.status === "fulfilled" ? "alice" : "bob");
    });
  });
});

incident("tower-sessions 0.12.1", () => {
  everyRow((open) => {
    test("a renewal that draws another session's handle and token stays in its own row", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const alice = await world.signedIn("alice", sessions);
      const mallory = await world.signedIn("mallory", sessions);
      const before = handleOf(cookieOf(mallory));
      await withBroken(Buffer.from(cookieOf(alice), "base64url"), () =>
        world.signIn(mallory, "mallory"),
      );
      expect(handleOf(cookieOf(mallory))).toBe(before);
      expect((await world.read(sessions, alice.jar.header)).read["user"]).toBe("alice");
      expect((await world.read(sessions, mallory.jar.header)).read["user"]).toBe("mallory");
    });
  });
});

row("S4", () => {
  everyTable((open) => {
    test("a wrong token costs one lookup by the public handle and a comparison of whole digests", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const cookie = cookieOf(await world.signedIn("alice", sessions));
      await world.read(sessions, `sid=${cookie}`); // Reads the mark of revokeBefore.
      for (const at of [22, 40, 63]) {
        random.compared.length = 0;
        world.place.asked.length = 0;
        const other = cookie[at] === "A" ? "B" : "A";
        const wrong = cookie.slice(0, at) + other + cookie.slice(at + 1);
        const { read } = await world.read(sessions, `sid=${wrong}`);
        expect(read).toEqual({});
        expect(world.place.asked).toEqual([handleOf(cookie)]);
        expect(random.compared).toEqual([[43, 43]]); // base64url
      }
    });
  });
});

incident("CVE-2013-0263", () => {
  test("OpenSSL verifies the tag of a seal, and no code here does", () => {
    const xaes = readFile("src/crypto/xaes.ts");
    expect(xaes).toContain("setAuthTag(");
    expect(xaes).not.toMatch(/getAuthTag\(\)[^,\])]*(?:===|\.equals|compare)/);
    expect(xaes.match(/createDecipheriv\(/g)).toHaveLength(1);
  });
});

incident("CVE-2016-1000236", () => {
  test("no source file compares a digest, tag or secret but by timingSafeEqual", () => {
    const compared =
      /\b(?:digest|secret|tag|mac)\b\)?\s*[!=]==|[!=]==\s*\w*\.?(?:digest|secret|tag|mac)\b/;
    const found = readSources().flatMap(({ path }) =>
      readFile(`src/${path}`)
        .split("\n")
        .filter((line) => compared.test(line) || /\.(?:equals|compare)\(/.test(line))
        .filter((line) => !/typeof \w+|[!=]== (?:undefined|null|")/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
    expect(compared.test("if (row.digest === digest) return")).toBe(true);
  });
});

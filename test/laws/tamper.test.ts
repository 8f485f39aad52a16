import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";
import { refusals } from "../support/events.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";
import { STORES } from "../support/stores.ts";
import { visit } from "../support/visit.ts";

const KEY = "session";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function configure(store: SessionStore, key = KEY, now = clock().now): Sessions {
  return createSessions({ store, key, now });
}

/** The cookie of a fresh session that holds `user_id`. */
async function signIn(sessions: Sessions, user = "ann"): Promise<string> {
  const browser = new Browser(sessions, clock().now);
  await browser.visit((conn) => sessions.putSession(conn, "user_id", user));
  const [cookie] = browser.jar.cookies;
  return cookie?.value ?? "";
}

/** What a request with this Cookie header gets to see, and why its cookies were refused. */
async function offer(
  sessions: Sessions,
  header: string,
): Promise<{ user: unknown; reasons: readonly string[]; setCookie: string | undefined }> {
  const answer = await visit(sessions, header, (conn) => sessions.getSession(conn)["user_id"]);
  return { user: answer.result, reasons: refusals(answer.events), setCookie: answer.setCookie };
}

/** Offers every one of many values; gives those that were not an empty session with one event. */
async function opened(sessions: Sessions, values: Iterable<string>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const value of values) {
    const { user, reasons, setCookie } = await offer(sessions, `${KEY}=${value}`);
    const refused = user === undefined && reasons.length === 1 && setCookie === undefined;
    if (!refused) found.push({ value, user, reasons });
  }
  return found;
}

describe.each(STORES)(
  "L1: a forged cookie of %s is refused with an event and no error",
  (_, make) => {
    it("a cookie is refused if any bit of it is flipped", async () => {
      const sessions = configure(make());
      const bytes = Buffer.from(await signIn(sessions), "base64url");
      const flipped = Array.from({ length: bytes.length * 8 }, (_each, bit) => {
        const copy = Buffer.from(bytes);
        copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        return copy.toString("base64url");
      });
      expect(flipped.length).toBeGreaterThanOrEqual(48 * 8);
      expect(await opened(sessions, flipped)).toEqual([]);
    });

    it("a cookie is refused if any character of it is replaced", async () => {
      const sessions = configure(make());
      const cookie = await signIn(sessions);
      const replaced = [...cookie].flatMap((character, at) =>
        [...`${ALPHABET}="%+. é`]
          .filter((other) => other !== character && !(other === " " && at === 0))
          .map((other) => cookie.slice(0, at) + other + cookie.slice(at + 1))
          // A space at the end is no part of a cookie's value.
          .map((value) => (value.endsWith(" ") ? `${value}x` : value)),
      );
      expect(await opened(sessions, replaced)).toEqual([]);
    });

    it("a cookie is refused if it is cut off anywhere, or is longer", async () => {
      const sessions = configure(make());
      const cookie = await signIn(sessions);
      const cut = Array.from(cookie, (_each, at) => [
        cookie.slice(0, at),
        cookie.slice(at + 1),
      ]).flat();
      const longer = [...ALPHABET].flatMap((more) => [cookie + more, more + cookie]);
      expect(await opened(sessions, [...cut, ...longer, cookie + cookie])).toEqual([]);
    });

    it("a cookie is refused if it is 1 MB long", async () => {
      const sessions = configure(make());
      expect(await opened(sessions, ["A".repeat(1_000_000), "=".repeat(1_000_000)])).toEqual([]);
    });

    it("a cookie is refused if the same store made it for another cookie name", async () => {
      const store = make();
      const [one, other] = [configure(store, "one"), configure(store, "other")];
      const cookie = await signIn(one);
      expect((await offer(one, `one=${cookie}`)).user).toBe("ann");
      const { user, reasons } = await offer(other, `other=${cookie}`);
      expect(user).toBeUndefined();
      expect(reasons).toHaveLength(1);
    });

    it("a cookie is refused if another store of the same kind made it", async () => {
      const mine = configure(make());
      const theirs = configure(cookieStore({ secret: OLD_SECRET }));
      const others = configure(tableStore({ table: createTable() }));
      for (const cookie of [await signIn(theirs), await signIn(others)]) {
        expect(await opened(mine, [cookie])).toEqual([]);
      }
    });

    it("a cookie is refused if it is empty, half in quotes, or encoded", async () => {
      const sessions = configure(make());
      const cookie = await signIn(sessions);
      const quoted = ['""', `"${cookie}`, `${cookie}"`, `""${cookie}""`, `'${cookie}'`];
      expect(await opened(sessions, ["", ...quoted, `%${cookie}`, "null", "s:x.y"])).toEqual([]);
    });

    it("a cookie opens its session in quotes, too, as Java's clients send it", async () => {
      const sessions = configure(make());
      const cookie = await signIn(sessions);
      const old = `$Version="1"; ${KEY}="${cookie}";$Path="/";$Domain="localhost.local"`;
      expect(await offer(sessions, old)).toMatchObject({ user: "ann", reasons: [] });
    });

    it("a forged cookie does not stop the browser from getting a new session", async () => {
      const sessions = configure(make());
      const answer = await visit(sessions, `${KEY}=forged`, (conn) =>
        sessions.putSession(conn, "user_id", "new"),
      );
      expect(answer.setCookie).toMatch(/^session=[\w-]{60}/);
      const [pair = ""] = (answer.setCookie ?? "").split(";");
      expect((await offer(sessions, pair)).user).toBe("new");
    });
  },
);

describe("L10: a sealed cookie", () => {
  const now = clock().now;
  const sessions = configure(cookieStore({ secret: SECRET }));

  /** A seal as the store makes them, of parts that a test chooses. */
  function seal(
    label: string,
    associated: string,
    body = '[{"user_id":"ann"}]',
    format = 1,
  ): string {
    const { id, cipher } = createKeyring([SECRET], label).first;
    const times = Buffer.alloc(28);
    times.writeUIntBE(now(), 16, 6);
    times.writeUIntBE(now() + 1000, 22, 6);
    const nonce = Buffer.alloc(24, 1);
    const head = Buffer.concat([Buffer.of(format), id]);
    const aad = Buffer.concat([head, Buffer.from(associated)]);
    const sealed = cipher.seal(nonce, Buffer.concat([times, Buffer.from(body)]), aad);
    return Buffer.concat([head, nonce, sealed]).toString("base64url");
  }

  it("a seal opens if all of its parts are right, and the next tests rest on that", async () => {
    const value = seal("session cookie", `session\0${KEY}`);
    expect((await offer(sessions, `${KEY}=${value}`)).user).toBe("ann");
  });

  it.each([
    ["under a key for another purpose", "csrf token", `session\0${KEY}`],
    ["for another purpose", "session cookie", `revocation\0${KEY}`],
    ["for another cookie name", "session cookie", "session\0other"],
    ["with purpose and name run together", "session cookie", `session${KEY}`],
  ])("a seal does not open if it was made %s", async (_, label, associated) => {
    const value = seal(label, associated);
    const { user, reasons } = await offer(sessions, `${KEY}=${value}`);
    expect([user, reasons]).toEqual([undefined, ["forged"]]);
  });

  it.each([
    ["a later format", '[{"user_id":"ann"}]', 2],
    ["a body of another shape", '{"user_id":"ann"}', 1],
    ["a body that cannot be read", "~[[", 1],
    ["no body", "", 1],
  ])("a seal has an unknown format if it has %s", async (_, body, format) => {
    const value = seal("session cookie", `session\0${KEY}`, body, format);
    const { user, reasons } = await offer(sessions, `${KEY}=${value}`);
    expect([user, reasons]).toEqual([undefined, ["unknown-format"]]);
  });
});

describe("L3: the cookie of a table", () => {
  it("a cookie opens nothing with its handle alone, or with the token of another session", async () => {
    const sessions = configure(tableStore({ table: createTable() }));
    const [cookie, other] = [await signIn(sessions, "ann"), await signIn(sessions, "bob")];
    const handle = cookie.slice(0, 22);
    const mixed = Buffer.concat([
      Buffer.from(cookie, "base64url").subarray(0, 16),
      Buffer.from(other, "base64url").subarray(16),
    ]).toString("base64url");
    expect((await offer(sessions, `${KEY}=${handle}`)).reasons).toEqual(["malformed"]);
    expect((await offer(sessions, `${KEY}=${mixed}`)).reasons).toEqual(["unknown-token"]);
    expect((await offer(sessions, `${KEY}=${cookie}`)).user).toBe("ann");
  });

  it("a cookie that nobody has issued is unknown", async () => {
    const sessions = configure(tableStore({ table: createTable() }));
    const { user, reasons } = await offer(sessions, `${KEY}=${"A".repeat(64)}`);
    expect([user, reasons]).toEqual([undefined, ["unknown"]]);
  });
});

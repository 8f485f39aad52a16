/** The sealed cookie against everything but its key. */
import { createCipheriv, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionBackend } from "../../../src/core/store.ts";
import { createKeyring } from "../../../src/crypto/keyring.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { incident, row } from "../support/row.ts";
import { theSealedCookie } from "../support/stores.ts";
import { apart, secretOf } from "../support/secret-world.ts";
import { World, cookieOf } from "../support/world.ts";
import { wrapStore } from "../../support/stores/wrap-store.ts";

row("S22", () => {
  theSealedCookie((open) => {
    test("a seal opens nothing with any bit flipped, cut anywhere, or put together of two", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const [one, two] = [
        cookieOf(await world.signedIn("alice", sessions)),
        cookieOf(await world.signedIn("bob", sessions)),
      ];
      const bytes = Buffer.from(one, "base64url");
      const other = Buffer.from(two, "base64url");
      const forged: Buffer[] = [];
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const copy = Buffer.from(bytes);
        copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        forged.push(copy);
      }
      for (let at = 1; at < bytes.length; at++) {
        forged.push(bytes.subarray(0, at), bytes.subarray(at));
        forged.push(Buffer.concat([bytes.subarray(0, at), other.subarray(at)]));
      }
      for (const each of forged.filter((each) => !each.equals(bytes) && !each.equals(other))) {
        const { read, refused } = await world.read(sessions, `sid=${each.toString("base64url")}`);
        expect([read, refused.length]).toEqual([{}, 1]);
      }
    });

    test("a seal opens nothing under another secret, cookie name or purpose", async () => {
      const { world, machine } = apart();
      const secret = secretOf();
      const here = machine(secret);
      const cookies = [
        cookieOf(await world.signedIn("alice", machine(secretOf()))),
        (await world.signedIn("alice", machine(secret, "admin"))).jar.value("admin"),
        sealFor(secret, "signed download"),
      ];
      for (const each of cookies) {
        const { read, refused } = await world.read(here, `sid=${each}`);
        expect([read, refused]).toEqual([{}, ["forged"]]);
      }
    });
  });

  test("a hundred thousand seals of one text hold no nonce twice, and no two are alike", () => {
    const nonces = new Set<string>();
    const seal = sealer(secretOf());
    for (let i = 0; i < 100_000; i++) {
      nonces.add(Buffer.from(seal(), "base64url").toString("base64", 5, 5 + 24));
    }
    expect(nonces.size).toBe(100_000);
  });
});

/** Seals without requests around them. */
function sealer(secret: string): () => string {
  let backend: SessionBackend | undefined;
  const store = wrapStore(cookieStore({ secret }), (sealing) => (backend = sealing));
  createSessions({ store, key: "sid" });
  const record = {
    data: {},
    flash: {},
    sentAttributes: {},
    createdAt: 0,
    expiresAt: 1,
    subject: undefined,
  };
  return () => {
    const saved = backend?.create({
      renew: true,
      loadedSubject: undefined,
      isGone: () => false,
      apply: () => record,
    });
    if (!saved || !("cookie" in saved)) throw new Error("the sealed cookie answers at once");
    return saved.cookie ?? "";
  };
}

/** What the same secret seals for something else of the application. */
function sealFor(secret: string, purpose: string): string {
  const { first } = createKeyring([secret], "session cookie");
  const nonce = randomBytes(24);
  const associated = Buffer.concat([Buffer.of(1), first.id, Buffer.from(`${purpose}\0sid`)]);
  const text = Buffer.concat([Buffer.alloc(28), Buffer.from('[{"user":"alice"}]')]);
  const body = first.cipher.seal(nonce, text, associated);
  return Buffer.concat([Buffer.of(1), first.id, nonce, body]).toString("base64url");
}

incident("CVE-2023-48309", () => {
  test("a seal of the same secret for another purpose is no session, and the same bytes for this purpose are", async () => {
    const { world, machine } = apart();
    const secret = secretOf();
    const { refused } = await world.read(machine(secret), `sid=${sealFor(secret, "oauth state")}`);
    expect(refused).toEqual(["forged"]);
    // So the purpose is all that stands between: this one opens, and is no session for its age alone.
    const own = await world.read(machine(secret), `sid=${sealFor(secret, "session")}`);
    expect(own.refused).toEqual(["expired"]);
  });
});

incident("CVE-2018-15133", () => {
  test("a cookie of one name says nothing under another name, although the secret is the same", async () => {
    const { world } = apart();
    const store = cookieStore({ secret: secretOf() });
    const preferences = world.sessions({ key: "preferences" }, store);
    const sessions = world.sessions({}, store);
    const browser = world.browser(preferences);
    await browser.visit((conn) => preferences.putSession(conn, "user", "alice"));
    const value = browser.jar.value("preferences");
    const { read, refused } = await world.read(sessions, `sid=${value}`);
    expect([read, refused]).toEqual([{}, ["forged"]]);
  });
});

row("S23", () => {
  theSealedCookie((open) => {
    test("a seal with a version, an algorithm or an empty key of its own is refused", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const bytes = Buffer.from(cookieOf(await world.signedIn("alice", sessions)), "base64url");
      const versions = Array.from({ length: 256 }, (_, version) =>
        Buffer.concat([Buffer.of(version), bytes.subarray(1)]),
      ).filter((each) => !each.equals(bytes));
      for (const each of versions) {
        const { read, refused } = await world.read(sessions, `sid=${each.toString("base64url")}`);
        // Format 1 is read as well; its seals are bound to it.
        expect([read, refused]).toEqual([{}, [each[0] === 1 ? "forged" : "unknown-format"]]);
      }
      const json = (value: object): string =>
        Buffer.from(JSON.stringify(value)).toString("base64url");
      const claims = json({ user: "alice", exp: 9_999_999_999 });
      for (const alg of ["none", "None", "HS256", "RS256", "dir", "A256GCM"]) {
        for (const token of [
          `${json({ alg })}.${claims}.`,
          `${json({ alg })}..AAAA.${claims}.AAAA`,
        ]) {
          const { read, refused } = await world.read(sessions, `sid=${token}`);
          expect([read, refused]).toEqual([{}, ["malformed"]]);
        }
      }
    });

    test("a key that the attacker names or makes is not used", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const id = Buffer.from(
        cookieOf(await world.signedIn("alice", sessions)),
        "base64url",
      ).subarray(1, 5);
      for (const key of [Buffer.alloc(32), id, randomBytes(32)]) {
        const nonce = randomBytes(24);
        const padded = Buffer.alloc(32);
        key.copy(padded);
        const cipher = createCipheriv("aes-256-gcm", padded, nonce.subarray(12));
        cipher.setAAD(Buffer.concat([Buffer.of(1), id, Buffer.from("session\0sid")]));
        const text = cipher.update(Buffer.concat([Buffer.alloc(28, 0xff), Buffer.from("[]")]));
        const body = Buffer.concat([text, cipher.final(), cipher.getAuthTag()]);
        const cookie = Buffer.concat([Buffer.of(1), id, nonce, body]).toString("base64url");
        expect((await world.read(sessions, `sid=${cookie}`)).refused).toEqual(["forged"]);
      }
    });
  });
});

incident("CVE-2026-39324", () => {
  theSealedCookie((open) => {
    test("no other decoder tries a text that does not decrypt", async () => {
      const world = new World(await open());
      const data = { user: "alice", canary: world.canary };
      const record = { data, createdAt: 0, expiresAt: 9e15, digest: "" };
      const plain = [data, record, [data, {}, {}], `1${JSON.stringify(record)}`].map((each) =>
        typeof each === "string" ? each : JSON.stringify(each),
      );
      for (const text of plain) {
        const bytes = Buffer.from(text);
        const head = Buffer.concat([
          Buffer.of(1),
          Buffer.alloc(4),
          Buffer.alloc(24),
          Buffer.alloc(28),
        ]);
        for (const each of [
          encodeURIComponent(text),
          bytes.toString("base64"),
          bytes.toString("base64url"),
          `${bytes.toString("base64url")}--${"0".repeat(64)}`,
          Buffer.concat([head, bytes, Buffer.alloc(16)]).toString("base64url"),
        ]) {
          const { read } = await world.read(world.sessions(), `sid=${each}`);
          expect(read).toEqual({});
        }
      }
    });
  });
});

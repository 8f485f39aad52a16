import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { createKeyring } from "../../../src/crypto/keyring.ts";
import { newHandle } from "../../../src/crypto/token.ts";
import { NONCE_BYTES } from "../../../src/crypto/xaes.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { writePayload } from "../../../src/stores/cookie/payload.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { SECRET } from "../../support/secrets.ts";
import { visit } from "../../support/visit.ts";

const DAY = 24 * 60 * 60;

/** A cookie with these bytes inside, sealed as the store of any version seals. */
function seal(format: number, plain: Buffer): string {
  const { id, cipher } = createKeyring([SECRET], "session cookie").first;
  const nonce = Buffer.alloc(NONCE_BYTES, 7);
  const head = Buffer.concat([Buffer.of(format), id]);
  const associated = Buffer.concat([head, Buffer.from("session\0session")]);
  const body = cipher.seal(nonce, plain, associated);
  return Buffer.concat([head, nonce, body]).toString("base64url");
}

/** The payload of format 1. */
function formerPayload(data: object, createdAt: number, expiresAt: number): Buffer {
  const head = Buffer.alloc(28);
  head.write(newHandle(), 0, 16, "base64url");
  head.writeUIntBE(createdAt, 16, 6);
  head.writeUIntBE(expiresAt, 22, 6);
  return Buffer.concat([head, Buffer.from(JSON.stringify([data]))]);
}

function scene(absolute = 30 * DAY, subject?: "user") {
  const time = clock();
  const store = cookieStore({ secret: SECRET });
  const sessions = createSessions({
    store,
    key: "session",
    subject,
    lifetime: { absolute },
    now: time.now,
  });
  const browser = new Browser(sessions, time.now);
  const give = (cookie: string): void => browser.jar.take([`session=${cookie}; Path=/`]);
  return { time, sessions, browser, give };
}

describe("L18: a seal of another version of the program", () => {
  it("beside a seal of format 2 of the same session, it is the older one, whatever its deadline", async () => {
    const { time, sessions, browser, give } = scene();
    const former = seal(1, formerPayload({ user: "ann" }, time.now(), time.now() + DAY * 1000));
    give(former);
    await browser.visit((conn) => {
      sessions.configureSession(conn, "lifetime", { idle: 60 });
      sessions.putSession(conn, "user", "bob");
    });
    const latter = browser.jar.value("session") ?? "";
    for (const cookies of [
      [former, latter],
      [latter, former],
    ]) {
      const header = cookies.map((cookie) => `session=${cookie}`).join("; ");
      const { result } = await visit(sessions, header, (conn) => sessions.getSession(conn));
      expect(result).toEqual({ user: "bob" });
    }
  });

  it("a seal of format 1 opens, and is written in format 2", async () => {
    const { time, sessions, browser, give } = scene();
    const bytes = formerPayload({ user: "ann" }, time.now(), time.now() + DAY * 1000);
    give(seal(1, bytes));
    const visit = await browser.visit((conn) => {
      sessions.putSession(conn, "n", 1);
      return sessions.getSession(conn);
    });
    expect(visit.result).toEqual({ user: "ann", n: 1 });
    expect(Buffer.from(browser.jar.value("session") ?? "", "base64url")[0]).toBe(2);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({
      user: "ann",
      n: 1,
    });
  });

  it("a seal whose format was changed does not open: the format is authenticated", async () => {
    const { time, sessions, browser, give } = scene();
    const bytes = formerPayload({ user: "ann" }, time.now(), time.now() + DAY * 1000);
    const cookie = Buffer.from(seal(1, bytes), "base64url");
    for (const [format, refusal] of [
      [2, "forged"],
      [3, "unknown-format"],
    ] as const) {
      cookie[0] = format;
      give(cookie.toString("base64url"));
      const { result, events } = await browser.visit((conn) => sessions.getSession(conn));
      expect([result, refusals(events)]).toEqual([{}, [refusal]]);
    }
  });

  it("fields that this version does not know stay through its writes and renewals, and end with the subject", async () => {
    const { time, sessions, browser, give } = scene(30 * DAY, "user");
    const payload = {
      handle: newHandle(),
      generation: 0,
      record: {
        data: { user: "ann" },
        flash: {},
        sentAttributes: {},
        createdAt: time.now(),
        expiresAt: time.now() + DAY * 1000,
      },
      unknown: { "a later field": { deep: [1, "ä"] } },
    };
    give(seal(2, writePayload(payload)));
    const opened = (): string => {
      const bytes = Buffer.from(browser.jar.value("session") ?? "", "base64url");
      const at = 5 + NONCE_BYTES;
      const associated = Buffer.concat([bytes.subarray(0, 5), Buffer.from("session\0session")]);
      const { cipher } = createKeyring([SECRET], "session cookie").first;
      return cipher.open(bytes.subarray(5, at), bytes.subarray(at), associated)?.toString() ?? "";
    };
    const before = browser.jar.value("session");
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    expect(opened()).toContain('"a later field":{"deep":[1,"ä"]}');
    time.pass(3600);
    await browser.visit((conn) => sessions.getSession(conn)); // a touch
    expect(opened()).toContain('"a later field":{"deep":[1,"ä"]}');
    await browser.visit((conn) => sessions.renewSession(conn));
    expect(opened()).toContain('"a later field":{"deep":[1,"ä"]}');
    expect(browser.jar.value("session")).not.toBe(before);
    await browser.visit((conn) => sessions.putSession(conn, "user", "bob"));
    expect(opened()).not.toContain("a later field"); // It may be about the user before.
  });
});

describe("L10: both deadlines are inside", () => {
  it("an absolute lifetime that is longer by now does not lengthen a seal that was issued before", async () => {
    const first = scene(DAY);
    await first.browser.visit((conn) => first.sessions.putSession(conn, "user", "ann"));
    const later = scene(30 * DAY);
    later.give(first.browser.jar.value("session") ?? "");
    for (let hour = 0; hour < 25; hour++) {
      const { result } = await later.browser.visit((conn) =>
        later.sessions.getSession(conn, "user"),
      );
      expect(result).toBe(hour < 24 ? "ann" : undefined);
      later.time.pass(3600);
    }
  });
});

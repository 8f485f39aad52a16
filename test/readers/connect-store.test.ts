import { createHmac } from "node:crypto";
import { readFile, unlink } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OldSession } from "../../src/core/cookie/old-session.ts";
import type { ConnectStore } from "../../src/readers/connect-store.ts";
import { expressSession } from "../../src/readers/express-session.ts";
import { OLD_SECRET } from "../support/secrets.ts";

const ABSENT = join(import.meta.dirname, "absent", "session.json");

async function sessionIn(store: ConnectStore): Promise<OldSession> {
  const signature = createHmac("sha256", OLD_SECRET).update("id").digest("base64");
  const cookies = new Map([["connect.sid", `s:id.${signature.replace(/=+$/, "")}`]]);
  const session = await expressSession({ secret: OLD_SECRET, store }).read(cookies, Date.now());
  if (!session) throw new Error("the cookie is genuine");
  return session;
}

describe("L2: an old store that fails", () => {
  const away = (): Error => new Error("away");
  const stores: readonly (readonly [string, ConnectStore])[] = [
    ["calls back", { get: (_, done) => done(away()), destroy: (_, done) => done?.(away()) }],
    ["rejects", { get: () => Promise.reject(away()), destroy: () => Promise.reject(away()) }],
    [
      "throws",
      {
        get() {
          throw away();
        },
        destroy() {
          throw away();
        },
      },
    ],
  ];

  it.each(stores)("a store that %s fails the load and the end", async (_, store) => {
    const { load, end } = await sessionIn(store);
    await expect(load()).rejects.toThrow("away");
    await expect(end?.()).rejects.toThrow("away");
  });

  it("a socket that is absent is a store that is away, not a session that has ended", async () => {
    const absent = (done: (error: unknown) => void) => connect(ABSENT).on("error", done);
    const { load, end } = await sessionIn({
      get: (_, done) => absent(done),
      destroy: (_, done) => absent(done ?? (() => undefined)),
    });
    await expect(load()).rejects.toMatchObject({ code: "ENOENT" });
    await expect(end?.()).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("a file that is absent is nobody, and nothing is left to end", async () => {
    const { load, end } = await sessionIn({
      get: (_, done) => readFile(ABSENT, done),
      destroy: (_, done) => unlink(ABSENT, done ?? (() => undefined)),
    });
    expect(await load()).toBe(undefined);
    expect(await end?.()).toBe(undefined);
  });
});

/** Secrets of the sealed cookie: changed without a log-out, taken away, and refused where they can be guessed. */
import { expect, test } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Secret } from "../../../src/crypto/secret.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { visit } from "../../support/visit.ts";
import { incident, row } from "../support/row.ts";
import { apart, secretOf } from "../support/secret-world.ts";

row("S24", () => {
  test("while old and new machines answer in turn, no user is logged out, and a removed secret opens nothing", async () => {
    const [old, next] = [secretOf(), secretOf()];
    const { world, machine } = apart();
    const browser = await world.signedIn("alice", machine(old));
    const stolen = browser.jar.header;
    const deployments: readonly (readonly [before: Secret, after: Secret])[] = [
      [old, [old, next]],
      [
        [old, next],
        [next, old],
      ],
      [[next, old], next],
    ];
    for (const [before, after] of deployments) {
      for (const secret of [after, before, after, before, after]) {
        const sessions = machine(secret);
        const answer = await visit(sessions, browser.jar.header, (conn) =>
          sessions.getSession(conn, "user"),
        );
        expect(answer.result).toBe("alice");
        if (answer.setCookie !== undefined) browser.jar.take([answer.setCookie]);
      }
    }
    expect((await world.read(machine(next), stolen)).refused).toEqual(["forged"]);
    expect((await world.read(machine([next, old]), stolen)).read["user"]).toBe("alice");
  });

  test("the one key that a seal names opens it, however many there are", async () => {
    const secrets = Array.from({ length: 50 }, secretOf);
    const { world, machine } = apart();
    const last = secrets.at(-1);
    const { header } = (await world.signedIn("alice", machine(last))).jar;
    const many = machine(secrets as [string, ...string[]]);
    expect((await world.read(many, header)).read["user"]).toBe("alice");
    // With another key's id in front it is not opened, although its own key is in the ring.
    const bytes = Buffer.from(header?.slice(4) ?? "", "base64url");
    const { header: other } = (await world.signedIn("bob", machine(secrets[0]))).jar;
    Buffer.from(other?.slice(4) ?? "", "base64url").copy(bytes, 1, 1, 5);
    const { refused } = await world.read(many, `sid=${bytes.toString("base64url")}`);
    expect(refused).toEqual(["forged"]);
  });
});

row("S33", () => {
  test.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["31 bytes", "abcdefghijklmnopqrstuvwxyz01234"],
    ["one letter", "a".repeat(64)],
    ["a word again and again", "password".repeat(8)],
    ["a word again and again, cut off", "correct horse ".repeat(4).slice(0, 50)],
    ["few characters", "0101010110101100101011010101010101101"],
    ["a list with a weak one", [secretOf(), "a".repeat(32)]],
    ["an empty list", []],
    ["a number", 1234567890],
    ["bytes", Buffer.alloc(32)],
  ])("a secret of %s is refused at set-up, and not repeated in the error", (_what, secret) => {
    const error = thrownBy(() => cookieStore({ secret: secret as never }));
    expect(error).toMatchObject({ code: "ERR_SESSION_CONFIG" });
    if (typeof secret === "string" && secret.length > 8)
      expect(String(error)).not.toContain(secret);
  });
});

incident("CVE-2023-27524", () => {
  test.each([
    "complex_password_at_least_32_characters_long",
    "your-secret-here-your-secret-here-1234",
    "keyboard cat keyboard dog keyboard fish",
    "CHANGE_ME_CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
    "secret-with-minimum-length-of-32-characters",
    "a-very-log-phrase-bigger-than-thirty-two-chars",
    "replace-me-with-something-much-better!!",
    "80d42cfb-1cd2-462c-8f17-e3237d9027e9", // h3
  ])("the secret %s from a documentation is refused", (secret) => {
    expect(() => cookieStore({ secret })).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_CONFIG" }),
    );
  });
});

incident("CVE-2019-5420", () => {
  test("nothing starts without a secret, whatever NODE_ENV says", () => {
    const before = process.env["NODE_ENV"];
    for (const environment of ["development", "test", "production", undefined]) {
      if (environment === undefined) delete process.env["NODE_ENV"];
      else process.env["NODE_ENV"] = environment;
      expect(() =>
        createSessions({ store: cookieStore({ secret: undefined }), key: "sid" }),
      ).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG" }));
    }
    process.env["NODE_ENV"] = before;
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

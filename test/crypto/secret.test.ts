import { describe, expect, it } from "vitest";
import { newSecret, readSecrets } from "../../src/crypto/secret.ts";
import type { Secret } from "../../src/crypto/secret.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";

const read = (secret: unknown): readonly string[] => readSecrets(secret as Secret);
const refused = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

describe("L10: a secret", () => {
  it("the command makes another secret each time, and each is taken", () => {
    const made = Array.from({ length: 50 }, newSecret);
    expect(new Set(made).size).toBe(50);
    for (const secret of made) expect(read(secret)).toEqual([secret]);
  });

  it("a secret may be any text of 32 bytes, and one of a list", () => {
    expect(read(SECRET)).toEqual([SECRET]);
    expect(read("äöüßÄÖÜéèêëàâ 12345")).toHaveLength(1);
    expect(read([SECRET, OLD_SECRET])).toEqual([SECRET, OLD_SECRET]);
  });

  it.each([
    ["missing, as of an unset environment variable", process.env["SOJOURN_TEST_UNSET"]],
    ["missing in a list", [SECRET, undefined]],
    ["first missing in a list", [undefined, SECRET]],
    ["an empty list", []],
    ["null", null],
    ["a number", 12_345_678],
    ["bytes", Buffer.from(SECRET)],
    ["an object", { secret: SECRET }],
    ["empty", ""],
    ["of 31 bytes", SECRET.slice(0, 31)],
    ["one character", "a".repeat(64)],
    ["of few different characters", "abcabdabcabeabcabfabcabgabcabdabcab"],
    ["a phrase twice", "0123456789abcdef0123456789abcdef"],
    ["a phrase again and again", "changeme-now".repeat(4)],
    ["a phrase again and again, cut off", "tr0ub4dor&3".repeat(4).slice(0, 40)],
    ["white space", " \t\n\r\v\f".repeat(6)],
    ["express-session's sample", "keyboard cat keyboard cat keyboard cat!"],
    ["iron-session's sample", "complex_password_at_least_32_characters_long"],
    ["another sample", "a-very-long-phrase-change-me-please-1234"],
    ["a placeholder", "your-secret-here-your-secret-here-1"],
    ["the same as another", [SECRET, OLD_SECRET, SECRET]],
  ])("a secret is refused if it is %s", (_, secret) => {
    expect(() => read(secret)).toThrow(refused);
  });

  it("the error shows no refused secret, but the command that makes a good one", () => {
    for (const weak of ["hunter2-hunter2", "hunter2-".repeat(5)]) {
      expect(() => read(weak)).toThrow(/npx sojourn secret/);
      expect(() => read(weak)).not.toThrow(/hunter2/);
    }
  });
});

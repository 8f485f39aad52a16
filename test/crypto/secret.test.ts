import { randomBytes, randomInt, randomUUID } from "node:crypto";
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

  it.each([
    "your-256-bit-secret-your-256-bit-key",
    "my-super-secret-session-key-2024!!",
    "abcdefghijklmnopqrstuvwxyz012345",
    "0123456789012345678901234567890123456789",
    "passwordpassword1234567890password",
    "iloveyouiloveyou123456789iloveyou1",
    "ThisIsASecretKeyForJWTTokenGeneration",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "dev-secret-do-not-use-in-production",
    "00000000-0000-0000-0000-000000000001abcdef",
    "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d5",
    "super-secret-cookie-password-32chars",
    "please-change-this-secret-please-now",
    "GENERATE_A_RANDOM_SECRET_KEY_HERE_32",
    "correct horse battery staple 123456",
    "The quick brown fox jumps over the lazy dog.",
    "four score and seven years ago our fathers brought forth",
    "S3cr3t-K3y-F0r-My-4pplication-2025!!",
    "1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y",
    "!QAZ2wsx#EDC4rfv%TGB6yhn&UJM8ik,",
    "zyxwvutsrqponmlkjihgfedcba9876543210",
  ])("a secret is refused if it is a sentence or a row of the keyboard: %s", (secret) => {
    expect(() => read(secret)).toThrow(refused);
  });

  it.each([
    ["eight words of a dice list", "cleft cam synod lacy yr wok anvil bogus"],
    [
      "eight words of a password manager",
      "vocalist-pumice-Tremor-9-octane-grumpy-lagoon-sprout-quilt",
    ],
    [
      "twelve words of a wallet",
      "legal winner thank year wave sausage worth useful legal winner thank yellow",
    ],
    ["a UUID", "3d813cbb-47fb-42ba-91df-831e1593ac29"],
    ["a password of signs", "x9#Lm!q2@Vt7&Zr4*Kw8^Pn1%Hs5(Jd3)"],
    ["letters of another alphabet", "ещёоднасекретнаястрокадлявасйцъ"],
  ])("a secret may be %s", (_, secret) => {
    expect(read(secret)).toEqual([secret]);
  });

  it("no random text of 128 bits or more is refused: 100,000 of them", { timeout: 120_000 }, () => {
    const signs = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join("");
    const letters = signs.replace(/[^a-z0-9]/gi, "");
    const pick = (from: string): string =>
      Array.from({ length: 32 }, () => from.charAt(randomInt(from.length))).join("");
    const kinds: readonly (() => string)[] = [
      () => randomBytes(32).toString("hex"),
      () => randomBytes(16).toString("hex"),
      () => randomBytes(16).toString("hex").toUpperCase(),
      () => randomBytes(32).toString("base64"),
      () => randomBytes(24).toString("base64"),
      newSecret,
      () => randomUUID() + randomUUID(),
      () => pick(letters),
      () => pick(letters.toLowerCase()),
      () => `x${pick(signs.replace(/["'`]/g, ""))}x`,
    ];
    for (const make of kinds) {
      for (let n = 0; n < 100_000 / kinds.length; n++) {
        const secret = make();
        if (/^[A-Z_]+=/.test(secret)) continue; // It looks like a line of an environment file.
        expect(read(secret)).toEqual([secret]);
      }
    }
  });

  it("the error shows no refused secret, but the command that makes a good one", () => {
    for (const weak of ["hunter2-hunter2", "hunter2-".repeat(5)]) {
      expect(() => read(weak)).toThrow(/npx sojourn secret/);
      expect(() => read(weak)).not.toThrow(/hunter2/);
    }
  });
});

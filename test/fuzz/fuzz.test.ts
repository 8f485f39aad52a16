import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SessionStore } from "../../src/core/store.ts";
import type { Refused, SessionBackend, StoredSession } from "../../src/core/store.ts";
import { openNow } from "../support/stores/open-now.ts";
import { wrapStore } from "../support/stores/wrap-store.ts";
import { read } from "../setup/project.ts";
import { fuzz } from "./campaign.ts";
import { NAMES } from "./issued.ts";
import { makeInput } from "./make-input.ts";
import { Random } from "./random.ts";
import { findingsOf, tableIn, tableOf, withTable } from "./report.ts";
import { createWorld } from "./world.ts";

const COUNT = 20_000;
/** Another one in each run. A finding says how to make its input again. */
const seed = randomInt(2 ** 32);

describe(
  "L1: the fuzzer's cookies of all kinds, offered to all stores",
  { timeout: 120_000 },
  () => {
    it("no cookie throws, and each opens only what was issued, under its own name, in at most four tries", async () => {
      const figures = fuzz(await createWorld(seed), { seed, count: COUNT });
      expect(findingsOf(figures)).toBe("");
      expect(figures.inputs).toBe(COUNT);
      // Otherwise these inputs would not come far enough to find anything.
      expect(figures.opened).toBeGreaterThan(COUNT / 20);
      expect(figures.mostOpenings).toBe(4);
      for (const [reason, count] of Object.entries(figures.refused)) {
        expect(count, reason).toBeGreaterThan(10);
      }
    });

    it("every cookie that was issued is among them, and opens where it belongs", async () => {
      const { targets, collections } = await createWorld(seed);
      for (const { name, issued } of collections) {
        for (const { value, handle, over } of issued) {
          const answers = targets.map((target) => [
            target.offerValue(value),
            target.offerHeader(`${name}=${value}`, () => (over ? NaN : 0)),
          ]);
          const opened = answers.flat().flatMap((answer) => answer.opened ?? []);
          // A seal of the first secret opens in both stores of seals.
          expect(new Set(opened)).toEqual(new Set([handle]));
        }
      }
    });

    it("the cookies are the same for the same seed, and others for another seed or index", async () => {
      const make = async (seed: number, index: number): Promise<string> =>
        makeInput(new Random(seed, index), (await createWorld(seed)).collections).text;
      expect(await make(seed, 7)).toBe(await make(seed, 7));
      const streams = [
        [1, 1],
        [1, 2],
        [2, 1],
        [2 ** 32 + 1, 1],
        [2 ** 40, 1],
      ] as const;
      const texts = await Promise.all(streams.map(([seed, index]) => make(seed, index)));
      expect(new Set(texts).size).toBe(texts.length);
      const figures = fuzz(await createWorld(1), { seed: 1, count: 500 });
      expect(fuzz(await createWorld(1), { seed: 1, count: 500 })).toEqual(figures);
    });
  },
);

/** A store that is asked for `value(cookie)` instead of the cookie. */
function reading(value: (cookie: string) => string): (store: SessionStore) => SessionStore {
  return loading((backend, cookie, at) => openNow(backend, value(cookie), at));
}

function loading(
  load: (backend: SessionBackend, cookie: string, at: number) => StoredSession | Refused,
): (store: SessionStore) => SessionStore {
  return (store) =>
    wrapStore(store, (backend) => ({
      create: (change) => backend.create(change),
      find: (cookie) => ({ open: (at) => load(backend, cookie, at) }),
    }));
}

describe("the stores that the fuzzer tries", { timeout: 120_000 }, () => {
  it("the fuzzer finds nothing in a store that only passes its calls on", async () => {
    const through = reading((cookie) => cookie);
    expect(fuzz(await createWorld(seed, through), { seed, count: COUNT / 10 }).findings).toEqual(
      [],
    );
  });
  it.each<readonly [string, (store: SessionStore) => SessionStore]>([
    ["takes a value in quotes", reading((cookie) => cookie.replace(/^"(.*)"$/, "$1"))],
    ["decodes percent signs", reading((cookie) => cookie.replaceAll(/%([0-7]\w)/g, character))],
    ["trims what is white space elsewhere", reading((cookie) => cookie.trim())],
    ["ends a value at U+0000", reading((cookie) => cookie.split("\0")[0] ?? "")],
    ["ends a value at a comma", reading((cookie) => cookie.split(",")[0] ?? "")],
    [
      "takes another alphabet",
      reading((cookie) => cookie.replaceAll("+", "-").replaceAll("/", "_")),
    ],
    ["takes padding", reading((cookie) => cookie.replace(/=+$/, ""))],
    [
      "leaves out what is no digit, and bits behind the last byte",
      reading((cookie) => Buffer.from(cookie, "base64url").toString("base64url")),
    ],
    [
      "leaves out only the bits behind the last byte",
      reading((cookie) =>
        /^[\w-]*$/.test(cookie) ? Buffer.from(cookie, "base64url").toString("base64url") : cookie,
      ),
    ],
    [
      "keeps the low byte of a character",
      reading((cookie) => Buffer.from(cookie, "latin1").toString("latin1")),
    ],
    ["throws on a text that is not well-formed", reading((cookie) => wellFormed(cookie))],
    [
      "opens a cookie of another name",
      (store) =>
        new SessionStore((context) =>
          SessionStore.setUp(store, { ...context, cookieName: NAMES[0] }),
        ),
    ],
    [
      "forgets deadlines",
      loading((backend, cookie, at) => {
        const result = openNow(backend, cookie, at);
        if ("refused" in result) return result;
        return {
          ...result,
          record: { ...result.record, createdAt: Infinity, expiresAt: Infinity },
        };
      }),
    ],
    [
      "answers with the session that it opened last",
      (store) => {
        let last: StoredSession | undefined;
        const remember = loading((backend, cookie, at) => {
          const result = openNow(backend, cookie, at);
          if ("record" in result) last = result;
          return "refused" in result && result.refused === "malformed" && last ? last : result;
        });
        return remember(store);
      },
    ],
  ])("the fuzzer finds a store that %s", async (_, alter) => {
    const { findings } = fuzz(await createWorld(seed, alter), {
      seed,
      count: 10 * COUNT,
      enough: 1,
    });
    expect(findings.length).toBeGreaterThan(0);
  });
});

function character(_match: string, code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}

function wellFormed(text: string): string {
  encodeURIComponent(text);
  return text;
}

describe("a finding of the fuzzer", { timeout: 120_000 }, () => {
  it("the finding says what, where and by which command to see it again", async () => {
    const broken = reading((cookie) => cookie.replaceAll(/[^\w-]/g, ""));
    const figures = fuzz(await createWorld(seed, broken), { seed, count: 10 * COUNT, enough: 1 });
    const [{ index, target, fault } = { index: 0, target: "", fault: "" }] = figures.findings;
    const [first, , again] = findingsOf(figures).split("\n");
    expect(first).toBe(`input ${index} of seed ${seed}, at ${target}: ${fault}`);
    expect(again).toContain(`npm run test:fuzz -- 1 ${seed} --from ${index}`);
    const alone = fuzz(await createWorld(seed, broken), { seed, count: 1, from: index });
    expect(alone.findings[0]).toEqual(figures.findings[0]);
  });
});

describe("the figures of the fuzzer in docs/reports/security.md", () => {
  const page = read("docs/reports/security.md");

  it("the figures are a table of this command, of a million inputs or more, none of which found anything", async () => {
    const words = (table: string): string => table.replaceAll(/[\d,]+/g, "N");
    const short = tableOf(fuzz(await createWorld(1), { seed: 1, count: 10 }));
    expect(words(tableIn(page))).toBe(words(short));
    const [, inputs = ""] = /^\| inputs \| ([\d,]+) \|$/m.exec(tableIn(page)) ?? [];
    expect(Number(inputs.replaceAll(",", ""))).toBeGreaterThanOrEqual(1_000_000);
    expect(tableIn(page)).toContain("| did what none may do | 0 |");
  });

  it("the figures are written between their marks, and nowhere else", () => {
    const written = withTable(page, "| new |");
    expect(tableIn(written)).toBe("| new |");
    expect(withTable(written, tableIn(page))).toBe(page);
    expect(() => withTable("no marks", "| new |")).toThrow("the page must have");
    expect(() => withTable(page + page, "| new |")).toThrow("once and in this order");
  });
});

import { afterAll, describe, expect, it } from "vitest";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { DAY, MINUTE } from "../../support/clock.ts";
import { drops, refusals, stops } from "../../support/events.ts";
import type { SessionEvent } from "../../support/events.ts";
import type { Row } from "../../../src/stores/table/row.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { TABLES } from "../../support/stores.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";
import { Visit } from "../../support/visit.ts";
import { EVERY, GRACE, Renewing, changesOfToken } from "./renewing.ts";
import type { Data } from "./renewing.ts";

const ENDING = {
  lifetime: { idle: DAY, absolute: 30 * DAY, renewEvery: EVERY, endUnpresented: true },
} satisfies Partial<SessionOptions<Data>>;

const lmdb = openLmdb();
afterAll(() => lmdb.close());

describe.each([...TABLES, ["LMDB", () => lmdb.table] as const])(
  "L8: tokens that nobody presents, over %s",
  (_, make) => {
    it("the first token of the fourth round is told as unpresented, and so is that of every later one", async () => {
      const scene = await Renewing.due(make());
      const { cookie, look, time } = scene;
      const told: (readonly string[])[] = [];
      for (let round = 1; round <= 6; round++) {
        const events = [];
        for (let n = 0; n < 3; n++) events.push(...(await scene.with(cookie, look)).events);
        told.push(changesOfToken(events));
        time.pass(GRACE);
      }
      const firsts = told.map(([first]) => first);
      expect(firsts).toEqual([
        ...Array<string>(3).fill("renew interval"),
        ...Array<string>(3).fill("renew unpresented"),
      ]);
      const others = told.flatMap(([, ...rest]) => rest);
      expect(others).toEqual(Array(12).fill("renew interval"));
    });

    it("a token that is presented begins the count anew", async () => {
      const scene = await Renewing.due(make());
      const { look, time } = scene;
      for (let hour = 1; hour <= 3; hour++) {
        for (let round = 1; round <= 3; round++) {
          const { events } = await scene.with(scene.cookie, look);
          expect(changesOfToken(events)).toEqual(["renew interval"]);
          time.pass(GRACE);
        }
        const { events } = await scene.browser.visit(look);
        expect(changesOfToken(events)).toEqual(["renew unpresented"]);
        expect(changesOfToken((await scene.browser.visit(look)).events)).toEqual([
          "retire presented",
        ]);
        time.pass(EVERY);
      }
    });

    it.each(["look", "write"] as const)(
      "with endUnpresented, a request that would begin the fourth round by a %s ends the session for every cookie",
      async (kind) => {
        const scene = await Renewing.due(make(), ENDING);
        const { sessions, look, time, cookie } = scene;
        const sent = [cookie];
        for (let round = 1; round <= 3; round++) {
          const { setCookie, events } = await scene.with(cookie, look);
          expect(changesOfToken(events)).toEqual(["renew interval"]);
          sent.push(setCookie?.split(";")[0] ?? "");
          time.pass(GRACE);
        }
        const end = await scene.with(cookie, (conn) => {
          const { handle, id } = sessions.of(conn);
          if (kind === "write") sessions.putSession(conn, "n", 1);
          return { handle, id };
        });
        const { handle, id } = end.result;
        expect(end.setCookie).toBeUndefined();
        expect(end.events).toEqual([
          { name: "drop", cookieName: "session", handle, reason: "unpresented", endedId: id },
          { name: "stop", cookieName: "session", handle, reason: "gone" },
        ]);
        for (const each of sent) {
          const { result, events } = await scene.with(each, look);
          expect([result, refusals(events)]).toEqual([undefined, ["unknown"]]);
        }
        const listed = (await sessions.list("ann")).map((each) => each.handle);
        expect(listed).not.toContain(handle);
      },
    );

    it("with endUnpresented, a client that has gone and a renewal that was asked for end nothing", async () => {
      const scene = await Renewing.due(make(), ENDING);
      const { sessions, browser, look, time, cookie } = scene;
      for (let round = 1; round <= 3; round++) {
        await scene.with(cookie, look);
        time.pass(GRACE);
      }
      const gone = await browser.visit(look, { gone: true });
      expect([drops(gone.events), stops(gone.events)]).toEqual([[], []]);
      const asked = await browser.visit((conn) => sessions.renewSession(conn));
      expect([drops(asked.events), changesOfToken(asked.events)]).toEqual([[], ["renew asked"]]);
      time.pass(EVERY);
      const { result, events } = await browser.visit(look);
      expect([result, changesOfToken(events)]).toEqual(["ann", ["renew interval"]]);
    });

    it("if two requests would end the session at once, one does, and the other one makes no second event of it", async () => {
      const scene = await Renewing.due(make(), ENDING);
      const { look, time, cookie } = scene;
      for (let round = 1; round <= 3; round++) {
        await scene.with(cookie, look);
        time.pass(GRACE);
      }
      const both = [await scene.slow(cookie), await scene.slow(cookie)];
      for (const request of both) request.run(look);
      const answers = await Promise.all(both.map((request) => request.finish()));
      const events = answers.flatMap((answer) => answer.events);
      expect([drops(events), stops(events)]).toEqual([["unpresented"], ["gone", "gone"]]);
    });
  },
);

describe("L8: rows that a version from before the rounds has written", () => {
  it("a version that knows no rounds serves side by side, and nobody is signed out, told of or ended", async () => {
    const table = createTable();
    let writes = 0;
    /** Every second write is by the other version: it keeps four tokens, and what stands beside them is lost. */
    const mixed = verbsOf(table, {
      replace: (key, version, row, now) => {
        if (key.length !== 22 || writes++ % 2 === 0) return table.replace(key, version, row, now);
        const { next, retired, ...rest } = JSON.parse(row.value.slice(1)) as Pick<
          Row,
          "next" | "retired"
        >;
        const left = {
          ...rest,
          next: next && { digests: next.digests.slice(0, 4), issuedAt: next.issuedAt },
          retired: retired && { ...retired, former: undefined },
        };
        return table.replace(key, version, { ...row, value: `2${JSON.stringify(left)}` }, now);
      },
    });
    const { time, browser, look } = await Renewing.begin(mixed, ENDING);
    const events: SessionEvent[] = [];
    for (let click = 0; click < 300; click++) {
      const requests = await Promise.all([browser.begin(), browser.begin(), browser.begin()]);
      for (const request of requests) request.run(look);
      for (const request of requests) events.push(...(await browser.receive(request)).events);
      time.pass(click % 7 === 0 ? EVERY : 20);
    }
    expect(writes).toBeGreaterThan(100);
    expect([refusals(events), drops(events), stops(events)]).toEqual([[], [], []]);
    expect(changesOfToken(events)).not.toContain("renew unpresented");
    expect((await browser.visit(look)).result).toBe("ann");
  });
});

/** A number from 0 to 1, the same for the same seed. */
function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How a thief with a copy of the cookie goes about it. Times are in seconds. */
interface Thief {
  /** How long after the due moment the requests arrive. */
  readonly lag: number;
  /** How many requests it sends at once, in each grace. */
  readonly burst: number;
  /** Whether it goes on with the first token that it gets, and not with the cookie that it has copied. */
  readonly presents?: boolean;
}

const HALF_A_DAY = 12 * 60 * 60;
const QUARTER = 15 * MINUTE;

/** What became of a browser and a thief who both go on with one cookie. */
interface Race {
  /** The seconds until an event told of it; `undefined` if none did in half a day. */
  readonly told: number | undefined;
  readonly by: string | undefined;
}

/**
 * A browser that clicks every 5 to 35 seconds, and a thief who has copied its cookie and comes just as the next tokens
 * fall due. It ends with the first event by which the page of events tells a theft.
 */
async function race(
  table: SessionTable,
  { lag, burst, presents = false }: Thief,
  seed: number,
): Promise<Race> {
  const random = xorshift(seed * 2_654_435_761);
  const lifetime = { idle: DAY, absolute: 30 * DAY, renewEvery: QUARTER };
  const scene = await Renewing.begin(table, { lifetime });
  const { time, browser, look } = scene;
  const start = time.now() / 1000;
  const at = (): number => time.now() / 1000 - start;
  let stolen = scene.cookie;
  let click = random() * 20;
  let due: number = QUARTER;
  const told = (events: readonly SessionEvent[]): string | undefined =>
    [...refusals(events), ...changesOfToken(events)].find(
      (each) => each === "retired" || each === "renew unpresented",
    );
  while (at() < HALF_A_DAY) {
    const events: SessionEvent[] = [];
    if (click < due + lag) {
      time.pass(click - at());
      events.push(...(await browser.visit(look)).events);
      click += 5 + random() * 30;
    } else {
      time.pass(due + lag - at());
      const requests = [];
      for (let n = 0; n < burst; n++) requests.push(await Visit.begin(scene.sessions, stolen));
      for (const request of requests) {
        request.run(look);
        const answer = await request.finish();
        events.push(...answer.events);
        if (presents) stolen = answer.setCookie?.split(";")[0] ?? stolen;
      }
      due = at() + GRACE;
    }
    const by = told(events);
    if (by) return { told: at(), by };
  }
  return { told: undefined, by: undefined };
}

const THIEVES: readonly (readonly [string, Thief])[] = [
  ...[0, 0.001, 0.003, 0.02, 0.2].map(
    (lag) => [`one request in each grace, ${lag * 1000} ms late`, { lag, burst: 1 }] as const,
  ),
  ["eight requests at once in each grace", { lag: 0.001, burst: 8 }],
  ["twenty requests at once in each grace", { lag: 0, burst: 20 }],
  ["one request in each grace, by each new token", { lag: 0.001, burst: 1, presents: true }],
];

describe.each([["memory", () => createTable()] as const, ["LMDB", () => lmdb.table] as const])(
  "L8: a thief and a browser with one cookie, over %s",
  (_, make) => {
    it.each(THIEVES)(
      "a thief who sends %s is told within two minutes of the interval",
      async (_how, thief) => {
        const races: Race[] = [];
        for (let seed = 1; seed <= 20; seed++) races.push(await race(make(), thief, seed));
        const latest = Math.max(...races.map(({ told = Infinity }) => told));
        expect(latest).toBeGreaterThan(QUARTER);
        expect(latest).toBeLessThan(QUARTER + 2 * MINUTE);
      },
    );

    it("a browser whose page asks for twelve things at once is never told of, and never signed out", async () => {
      const random = xorshift(7);
      const { time, browser, look, sessions } = await Renewing.begin(make(), ENDING);
      const events: SessionEvent[] = [];
      let presented = 0;
      for (let page = 0; page < 400; page++) {
        const requests = await Promise.all(Array.from({ length: 12 }, () => browser.begin()));
        for (const request of requests) request.run(look);
        while (requests.length > 0) {
          const [request] = requests.splice(Math.floor(random() * requests.length), 1);
          if (!request) break;
          const answer = await browser.receive(request);
          presented += changesOfToken(answer.events).filter(
            (each) => each === "retire presented",
          ).length;
          events.push(...answer.events);
        }
        time.pass(random() < 0.5 ? random() * 5 : random() * EVERY);
      }
      expect(presented).toBeGreaterThan(20);
      expect([refusals(events), drops(events), stops(events)]).toEqual([[], [], []]);
      expect(changesOfToken(events)).not.toContain("renew unpresented");
      expect((await browser.visit((conn) => sessions.getSession(conn, "user"))).result).toBe("ann");
    });
  },
);

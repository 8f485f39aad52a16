import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { EVERY, GRACE, Renewing, changesOfToken, configure } from "./renewing.ts";
import { TABLES } from "../../support/stores.ts";
import type { Answer } from "../../support/visit.ts";
import { Visit } from "../../support/visit.ts";

describe.each(TABLES)("L8: a renewal that meets other requests in %s", (_, make) => {
  it("eight of fifty requests that find a renewal due get a token each, and none of them loses anything", async () => {
    const { sessions, browser } = await Renewing.due(make());
    const requests = await Promise.all(Array.from({ length: 50 }, () => browser.begin()));
    for (const [id, request] of requests.entries()) {
      request.run((conn) => {
        sessions.updateSession(conn, "n", (n = 0) => n + 1);
        sessions.putSession(conn, `k${id}`, id);
      });
    }
    const answers = await Promise.all(requests.map((request) => request.finish()));
    const events = answers.flatMap((answer) => answer.events);
    expect(changesOfToken(events)).toEqual(Array(8).fill("renew interval"));
    expect(refusals(events)).toEqual([]);
    const sent = answers.flatMap(({ headers }) => headers.getSetCookie());
    expect(new Set(sent).size).toBe(8);
    browser.jar.take(sent);
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    const keys = Object.fromEntries(requests.map((_request, id) => [`k${id}`, id]));
    expect(result).toEqual({ user: "ann", n: 50, ...keys });
  });

  it("fifty requests stay signed in if another one presents the next token while they run", async () => {
    const { time, sessions, browser, look } = await Renewing.due(make());
    const under = await Promise.all(Array.from({ length: 50 }, () => browser.begin()));
    await browser.visit(look);
    const next = browser.jar.header;
    await browser.visit(look); // presents it
    for (const request of under) {
      request.run((conn) => sessions.updateSession(conn, "n", (n = 0) => n + 1));
    }
    time.pass(GRACE - 1);
    const answers = await Promise.all(under.map((request) => browser.receive(request)));
    expect(answers.map(({ setCookie }) => setCookie)).toEqual(under.map(() => undefined));
    expect(browser.jar.header).toBe(next);
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ user: "ann", n: 50 });
  });

  it("fifty requests that bring the next token first present it once", async () => {
    const { sessions, browser, look } = await Renewing.due(make());
    await browser.visit(look);
    const requests = await Promise.all(Array.from({ length: 50 }, () => browser.begin()));
    for (const [id, request] of requests.entries()) {
      request.run((conn) => (id % 2 ? look(conn) : sessions.putSession(conn, `k${id}`, id)));
    }
    const answers = await Promise.all(requests.map((request) => browser.receive(request)));
    const events = answers.flatMap((answer) => answer.events);
    expect(changesOfToken(events)).toEqual(["retire presented"]);
    expect(answers.filter(({ setCookie }) => setCookie !== undefined)).toEqual([]);
  });

  it("two processes that find a renewal due issue two tokens of one round, and both have every right", async () => {
    const table = make();
    const here = await Renewing.due(table);
    const elsewhere = configure(table, here.time);
    const there = new Browser(elsewhere, here.time.now);
    there.jar.take(here.browser.jar.cookies.map(String));
    const [one, other] = await Promise.all([here.browser.begin(), there.begin()]);
    one.run(here.look);
    other.run((conn) => elsewhere.getSession(conn));
    const answers = await Promise.all([one.finish(), other.finish()]);
    expect(answers.flatMap(({ events }) => changesOfToken(events))).toEqual([
      "renew interval",
      "renew interval",
    ]);
    const sent = answers.map(({ setCookie }) => setCookie?.split(";")[0] ?? "");
    for (const [n, cookie] of sent.entries()) {
      await here.with(cookie, (conn) => here.sessions.putSession(conn, "n", n));
      here.time.pass(GRACE);
      const { result } = await here.with(cookie, (conn) => here.sessions.getSession(conn, "n"));
      expect(result).toBe(n);
    }
  });
});

describe("L8: a browser that may lose answers", () => {
  /** What happens next. Requests are told apart by their place among those under way. */
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant("begin" as const), process: fc.nat(1) }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("commit" as const), which: fc.nat() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("answer" as const),
        which: fc.nat(),
        lost: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("wait" as const),
        seconds: fc.constantFrom(1, 3, GRACE, EVERY, HOUR / 2),
      }),
    },
  );

  it("the browser stays signed in if each request takes less than the grace, whatever answers it loses", async () => {
    let renewals = 0;
    let presented = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
        async (steps) => {
          const table = new AsyncTable(createTable());
          const scene = await Renewing.begin(table);
          const { time } = scene;
          const processes = [scene.sessions, configure(table, time)] as const;
          const begun: { readonly visit: Visit; readonly at: number }[] = [];
          const answered: { readonly answer: Answer; readonly at: number }[] = [];
          let acknowledged = 0;

          const commit = async (which: number): Promise<void> => {
            const [request] = begun.splice(which, 1);
            if (!request) return;
            const answer = await request.visit.finish();
            expect(refusals(answer.events)).toEqual([]);
            expect(answer.events.some(({ name }) => name === "commit")).toBe(true);
            acknowledged++;
            const changes = changesOfToken(answer.events);
            renewals += changes.filter((change) => change === "renew interval").length;
            presented += changes.filter((change) => change === "retire presented").length;
            answered.push({ answer, at: request.at });
          };
          const receive = (which: number, lost: boolean): void => {
            const [ended] = answered.splice(which, 1);
            if (ended && !lost) scene.browser.jar.take(ended.answer.headers.getSetCookie());
          };
          /** Ends what would take longer than the grace by then. */
          const endBefore = async (end: number): Promise<void> => {
            while (begun[0] && begun[0].at <= end) await commit(0);
            for (const [at, ended] of [...answered.entries()].toReversed()) {
              if (ended.at <= end) receive(at, at % 2 === 0);
            }
          };

          for (const next of [...steps, { type: "wait", seconds: GRACE } as const]) {
            if (next.type === "begin") {
              const sessions = processes[next.process] ?? processes[0];
              const visit = await Visit.begin(sessions, scene.browser.jar.header);
              visit.run((conn) => {
                expect(sessions.getSession(conn, "user")).toBe("ann");
                sessions.updateSession(conn, "n", (n = 0) => n + 1);
              });
              begun.push({ visit, at: time.now() });
            } else if (next.type === "commit") {
              await commit(begun.length > 0 ? next.which % begun.length : 0);
            } else if (next.type === "answer") {
              receive(answered.length > 0 ? next.which % answered.length : 0, next.lost);
            } else {
              await endBefore(time.now() + next.seconds * 1000 - GRACE * 1000);
              time.pass(next.seconds);
            }
          }
          const { result } = await scene.browser.visit((conn) => scene.sessions.getSession(conn));
          expect(result.user).toBe("ann");
          expect(result.n ?? 0).toBe(acknowledged);
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(renewals, presented)).toBeGreaterThan(50);
  });
});

/** A log-out and a log-in of a browser that has several cookies of the session's name. */
import { describe, expect, it } from "vitest";
import type { Conn } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { commits, refusals, stops } from "../../support/events.ts";
import { OLD_SECRET } from "../../support/secrets.ts";
import { Visit, visit } from "../../support/visit.ts";
import { ENDING, EVERY, World } from "./world.ts";

const CLEARED = /^session=; Max-Age=0/;
const drop =
  ({ sessions }: World) =>
  (conn: Conn): void =>
    sessions.dropSession(conn);

describe.each(ENDING)("L7: a log-out beside a second cookie, with %s", (_, make) => {
  it("the log-out ends both sessions, whoever had them, in both orders, and says so of each", async () => {
    for (const reversed of [false, true]) {
      const world = new World(make);
      const alice = await world.signedIn("alice");
      const mallory = await world.signedIn("mallory");
      const cookies = [alice.cookie, mallory.cookie];
      if (reversed) cookies.reverse();
      const answer = await world.visit(cookies, drop(world));
      expect(answer.setCookie).toMatch(CLEARED);
      expect(refusals(answer.events)).toEqual(["ambiguous"]);
      const drops = answer.events.filter(({ name }) => name === "drop");
      expect(new Set(drops.map((each) => "handle" in each && each.handle))).toEqual(
        new Set([alice.handle, mallory.handle]),
      );
      expect(drops).toMatchObject([{ reason: "asked" }, { reason: "asked" }]);
      expect(await Promise.all(cookies.map((each) => world.user(each)))).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  it("more than four cookies hinder no log-out, of which each is tried once, four at a time", async () => {
    const world = new World(make);
    const all = await world.users(9);
    const cookies = all.map(({ cookie }) => cookie);
    world.table.forget();
    const answer = await world.visit([...cookies, ...cookies], drop(world));
    expect([answer.setCookie?.slice(0, 8), refusals(answer.events)]).toEqual([
      "session=",
      ["too-many"],
    ]);
    expect(commits(answer.events)).toEqual(Array(9).fill("drop"));
    expect(world.table.most).toBeLessThanOrEqual(8); // four sessions, each with a row of its subject
    for (const { cookie } of all) expect(await world.user(cookie)).toBeUndefined();
  });

  it("two hundred and fifty-six cookies are tried at most", async () => {
    const world = new World(make);
    const last = await world.signedIn("last");
    const junk = Array.from({ length: 256 }, (_each, n) => `session=${n}`);
    await world.visit([...junk.slice(1), last.cookie], drop(world));
    expect(await world.user(last.cookie)).toBeUndefined();
    const beyond = await world.signedIn("beyond");
    await world.visit([...junk, beyond.cookie], drop(world));
    expect(await world.user(beyond.cookie)).toBe("beyond");
  });

  it("a store call that fails is the error, the others end, and a second log-out ends the rest", async () => {
    for (const count of [2, 3, 7]) {
      const world = new World(make);
      const all = await world.users(count);
      const cookies = all.map(({ cookie }) => cookie);
      const request = await Visit.begin(world.sessions, cookies.join("; "));
      request.run(drop(world));
      const [, failing] = all;
      if (failing) world.break(failing);
      await expect(request.finish()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      world.table.mend();
      const ended = request.events.filter(({ name }) => name === "drop");
      const users = await Promise.all(cookies.map((each) => world.user(each)));
      expect(users).toEqual(cookies.map((_each, n) => (n === 1 ? "u1" : undefined)));
      expect(ended).toHaveLength(count - 1);
      const again = await world.visit(cookies, drop(world));
      expect([again.setCookie?.slice(0, 8), commits(again.events)]).toEqual(["session=", ["drop"]]);
      expect(await world.user(cookies[1] ?? "")).toBeUndefined();
    }
  });

  it("a load that fails for one of them is the error of a look, and a log-out ends the others", async () => {
    for (const anonymousOnError of [false, true]) {
      const world = new World(make);
      const [alice, mallory] = [await world.signedIn("alice"), await world.signedIn("mallory")];
      world.break(alice);
      const cookies = [alice.cookie, mallory.cookie];
      const request = await Visit.begin(world.sessions, cookies.join("; "), { anonymousOnError });
      const look = (): unknown =>
        request.run((conn) => world.sessions.getSession(conn, "user") ?? "nobody");
      if (anonymousOnError) expect(look()).toBe("nobody");
      else expect(look).toThrow(expect.objectContaining({ code: "ERR_SESSION_STORE" }));
      request.run(drop(world));
      await expect(request.finish()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      world.table.mend();
      expect(commits(request.events)).toEqual(["drop"]);
      expect([await world.user(alice.cookie), await world.user(mallory.cookie)]).toEqual([
        "alice",
        undefined,
      ]);
      const again = await world.visit(cookies, drop(world));
      expect([again.setCookie?.slice(0, 8), commits(again.events)]).toEqual(["session=", ["drop"]]);
      expect(await world.user(alice.cookie)).toBeUndefined();
    }
  });

  it("a store that has failed at the load and is well at the commit ends all", async () => {
    const world = new World(make);
    const [alice, mallory] = [await world.signedIn("alice"), await world.signedIn("mallory")];
    world.break(mallory);
    const request = await Visit.begin(world.sessions, `${alice.cookie}; ${mallory.cookie}`);
    request.run(drop(world));
    world.table.mend();
    expect((await request.finish()).setCookie).toMatch(CLEARED);
    expect(commits(request.events)).toEqual(["drop", "drop"]);
    for (const { cookie } of [alice, mallory]) expect(await world.user(cookie)).toBeUndefined();
  });

  it("a log-out that is withdrawn after such a load ends nobody, and its look is the error again", async () => {
    const world = new World(make);
    const [alice, mallory] = [await world.signedIn("alice"), await world.signedIn("mallory")];
    world.break(mallory);
    const request = await Visit.begin(world.sessions, `${alice.cookie}; ${mallory.cookie}`);
    request.run(drop(world));
    request.run((conn) => world.sessions.configureSession(conn, "drop", false));
    for (const act of [
      (conn: Conn) => world.sessions.getSession(conn, "user"),
      (conn: Conn) => world.sessions.putSession(conn, "n", 1),
    ]) {
      expect(() => request.run(act)).toThrow(
        expect.objectContaining({ code: "ERR_SESSION_STORE" }),
      );
    }
    expect((await request.finish()).setCookie).toBeUndefined();
    world.table.mend();
    expect([await world.user(alice.cookie), await world.user(mallory.cookie)]).toEqual([
      "alice",
      "mallory",
    ]);
  });

  it("a load that fails for every cookie is the error of the log-out", async () => {
    const world = new World(make);
    const [alice, mallory] = [await world.signedIn("alice"), await world.signedIn("mallory")];
    world.break(alice);
    world.break(mallory);
    const request = await Visit.begin(world.sessions, `${alice.cookie}; ${mallory.cookie}`);
    expect(() => request.run(drop(world))).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_STORE" }),
    );
    world.table.mend();
    expect(await world.user(alice.cookie)).toBe("alice");
  });

  it("the log-out is carried out after the client has gone, and its failure is an event", async () => {
    const world = new World(make);
    const [alice, mallory] = [await world.signedIn("alice"), await world.signedIn("mallory")];
    const cookies = [alice.cookie, mallory.cookie];
    const request = await Visit.begin(world.sessions, cookies.join("; "), { gone: true });
    request.run(drop(world));
    world.break(mallory);
    const answer = await request.finish();
    world.table.mend();
    expect(answer.setCookie).toBeUndefined();
    expect(answer.events.map(({ name }) => name)).toEqual(["refuse", "drop", "commit-error"]);
    expect([await world.user(alice.cookie), await world.user(mallory.cookie)]).toEqual([
      undefined,
      "mallory",
    ]);
    const again = await world.visit(cookies, drop(world), { gone: true });
    expect([again.setCookie, commits(again.events)]).toEqual([undefined, ["drop"]]);
    expect(await world.user(mallory.cookie)).toBeUndefined();
  });

  it("a put after the drop starts one session, and its cookie takes the place of the others", async () => {
    const world = new World(make);
    const cookies = [(await world.signedIn("alice")).cookie, (await world.signedIn("bob")).cookie];
    const answer = await world.visit(cookies, (conn) => {
      world.sessions.dropSession(conn);
      world.sessions.putSession(conn, "user", "carl");
    });
    expect(commits(answer.events)).toEqual(["drop", "drop", "create"]);
    expect(await world.user(answer.setCookie?.split(";")[0] ?? "")).toBe("carl");
  });
});

describe.each(ENDING)("L7: a log-in beside a second cookie, with %s", (name, make) => {
  const logIns: readonly (readonly [string, "user" | undefined, boolean, boolean])[] = [
    ["that renews and sets the subject", "user", true, true],
    ["that sets the subject", "user", false, true],
    ["that renews, without the option subject", undefined, true, true],
  ];
  it.each(logIns)(
    "a log-in %s ends both, and is the one session that is left",
    async (...given) => {
      const [, subject, renews] = given;
      for (const count of [2, 6]) {
        const world = new World(make, { subject });
        const all = await world.users(count);
        const cookies = all.map(({ cookie }) => cookie);
        const answer = await world.visit(cookies, (conn) => {
          if (renews) world.sessions.renewSession(conn);
          world.sessions.putSession(conn, "user", "carl");
        });
        expect(commits(answer.events)).toEqual([...Array(count).fill("drop"), "create"]);
        expect(answer.events).toContainEqual(expect.objectContaining({ reason: "log-in" }));
        const mine = answer.setCookie?.split(";")[0] ?? "";
        expect(await world.user(mine)).toBe("carl");
        for (const cookie of cookies) expect(await world.user(cookie)).toBeUndefined();
        const both = await world.visit([mine, ...cookies.slice(0, 3)], (conn) =>
          world.sessions.getSession(conn, "user"),
        );
        expect(both.result).toBe("carl");
      }
    },
  );

  it("a renewal that puts nothing ends both, clears the cookie and makes nothing", async () => {
    const world = new World(make);
    const cookies = [(await world.signedIn("alice")).cookie, (await world.signedIn("bob")).cookie];
    const answer = await world.visit(cookies, (conn) => world.sessions.renewSession(conn));
    expect([answer.setCookie?.slice(0, 19), commits(answer.events)]).toEqual([
      "session=; Max-Age=0",
      ["drop", "drop"],
    ]);
  });

  if (name !== ENDING[2]?.[0]) {
    it("a log-in that the limit refuses ends nobody, and one that has room by the sessions that it ends comes about", async () => {
      for (const count of [2, 6]) {
        const limit = { max: 1, refuse: true };
        const world = new World(make, { subject: "user", limit });
        const others = await world.users(count);
        const carl = await world.signedIn("carl");
        const cookies = others.map(({ cookie }) => cookie);
        const logIn = (conn: Conn): void => world.sessions.putSession(conn, "user", "carl");
        const request = await Visit.begin(world.sessions, cookies.join("; "));
        request.run(logIn);
        await expect(request.finish()).rejects.toMatchObject({ reason: "limit" });
        expect([commits(request.events), stops(request.events)]).toEqual([[], ["limit"]]);
        for (const [n, cookie] of cookies.entries()) expect(await world.user(cookie)).toBe(`u${n}`);
        expect(await world.user(carl.cookie)).toBe("carl");
        const answer = await world.visit([...cookies, carl.cookie], logIn);
        expect(commits(answer.events)).toEqual([...Array(count + 1).fill("drop"), "create"]);
        expect(await world.user(answer.setCookie?.split(";")[0] ?? "")).toBe("carl");
      }
    });

    it("a log-in that began before a revocation of its user ends nobody", async () => {
      const world = new World(make);
      const cookies = (await world.users(2)).map(({ cookie }) => cookie);
      const request = await Visit.begin(world.sessions, cookies.join("; "));
      request.run((conn) => world.sessions.putSession(conn, "user", "carl"));
      await world.sessions.revoke("carl");
      expect((await request.finish()).setCookie).toBeUndefined();
      expect([commits(request.events), stops(request.events)]).toEqual([[], ["revoked"]]);
      expect(await Promise.all(cookies.map((each) => world.user(each)))).toEqual(["u0", "u1"]);
    });
  }

  it("if a store call fails, the log-in is the error and makes no session", async () => {
    const world = new World(make);
    const [alice, bob] = [await world.signedIn("alice"), await world.signedIn("bob")];
    const request = await Visit.begin(world.sessions, `${alice.cookie}; ${bob.cookie}`);
    request.run((conn) => world.sessions.putSession(conn, "user", "carl"));
    world.break(alice);
    await expect(request.finish()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    world.table.mend();
    expect(commits(request.events)).toEqual(["drop"]);
    expect([await world.user(alice.cookie), await world.user(bob.cookie)]).toEqual([
      "alice",
      undefined,
    ]);
  });
});

describe.each(EVERY)("L11: what does not settle several cookies, with %s", (_, make) => {
  it("a put makes no session, sends no cookie, and is an event", async () => {
    for (const [count, reason] of [
      [2, "ambiguous"],
      [5, "too-many"],
    ] as const) {
      const world = new World(make);
      const all = await world.users(count);
      const cookies = all.map(({ cookie }) => cookie);
      const answer = await world.visit(cookies, (conn) => world.sessions.putSession(conn, "n", 1));
      expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, [reason]]);
      expect(await Promise.all(cookies.map((each) => world.user(each)))).toEqual(
        cookies.map((_each, n) => `u${n}`),
      );
    }
  });

  it("a log-in whose client has gone ends nobody's session, because it is not made", async () => {
    const world = new World(make);
    const cookies = [(await world.signedIn("alice")).cookie, (await world.signedIn("bob")).cookie];
    const answer = await world.visit(
      cookies,
      (conn) => world.sessions.renewSession(conn) ?? world.sessions.putSession(conn, "user", "c"),
      { gone: true },
    );
    expect([stops(answer.events), commits(answer.events)]).toEqual([["no-answer"], []]);
    expect(await world.user(cookies[0] ?? "")).toBe("alice");
  });
});

describe.each(EVERY)("L7: an event of a drop, with %s", (_, make) => {
  it("no event tells of a drop where a cookie opens nothing", async () => {
    const world = new World(make);
    const bob = await world.signedIn("bob");
    const forged = `${bob.cookie.slice(0, -8)}AAAAAAAA`;
    for (const cookies of [["session=forged"], [forged], ["session=a", "session=b"]]) {
      const answer = await world.visit(cookies, drop(world));
      expect([answer.setCookie?.slice(0, 8), commits(answer.events)]).toEqual(["session=", []]);
    }
  });
});

describe.each(ENDING)("L7: two log-outs of one session at once, with %s", (_, make) => {
  it("one of them has dropped it, the other tells that it was gone, and both clear the cookie", async () => {
    const world = new World(make);
    const { cookie } = await world.signedIn("alice");
    const requests = [
      await Visit.begin(world.sessions, cookie),
      await Visit.begin(world.sessions, cookie),
    ];
    for (const request of requests) request.run(drop(world));
    const answers = [await requests[0]?.finish(), await requests[1]?.finish()];
    expect(answers.map((each) => [commits(each?.events ?? []), stops(each?.events ?? [])])).toEqual(
      [
        [["drop"], []],
        [[], ["gone"]],
      ],
    );
    for (const answer of answers) expect(answer?.setCookie).toMatch(CLEARED);
  });
});

describe.each(ENDING.slice(0, 2))(
  "L7: a token without the right to log out, with %s",
  (_, make) => {
    it("its session goes on beside one that ends", async () => {
      const world = new World(make);
      const before = await world.signedIn("alice");
      const renewed = await world.visit([before.cookie], (conn) =>
        world.sessions.putSession(conn, "user", "bob"),
      );
      const bob = renewed.setCookie?.split(";")[0] ?? "";
      const mallory = await world.signedIn("mallory");
      const answer = await world.visit([before.cookie, mallory.cookie], drop(world));
      expect([answer.setCookie?.slice(0, 8), commits(answer.events), stops(answer.events)]).toEqual(
        ["session=", ["drop"], ["retired"]],
      );
      expect([await world.user(bob), await world.user(mallory.cookie)]).toEqual(["bob", undefined]);
    });
  },
);

describe("L11: each row is read once", () => {
  it("four tokens for one handle cost one read, of a table and of revocations", async () => {
    for (const [name, make] of ENDING) {
      const world = new World(make);
      const { cookie } = await world.signedIn("alice");
      const [head, tail] = [cookie.slice(0, 30), cookie.slice(40)];
      const others = ["AAAAAAAAAA", "BBBBBBBBBB", "CCCCCCCCCC"].map((x) => head + x + tail);
      world.table.forget();
      const again = name.startsWith("the cookie") ? [cookie, cookie, cookie] : others;
      const { result } = await world.visit([...again, cookie], (conn) =>
        world.sessions.getSession(conn, "user"),
      );
      expect(result).toBe("alice");
      // Of a sealed session: whether it has ended, and whether its subject was revoked.
      expect(world.table.calls).toEqual(name.startsWith("the cookie") ? ["get", "get"] : ["get"]);
    }
  });
});

describe("L11: cookies that this application has not sealed", () => {
  it("they are not counted, so that they shut nobody out", async () => {
    const world = new World(() => cookieStore({ secret: OLD_SECRET }));
    const { cookie } = await world.signedIn("alice");
    const junk = Array.from({ length: 200 }, (_each, n) => `session=${n}${cookie.slice(20)}`);
    const answer = await world.visit([...junk.slice(0, 100), cookie, ...junk.slice(100)], (conn) =>
      world.sessions.getSession(conn, "user"),
    );
    expect(answer.result).toBe("alice");
  });
});

describe("L11: several seals of one session", () => {
  it("the one that was sealed later wins, even if it ends earlier", async () => {
    const world = new World(() => cookieStore({ secret: OLD_SECRET }));
    const short = world.deploy({ lifetime: { idle: 60 } });
    const first = await world.visit([], (conn) => world.sessions.putSession(conn, "n", 1));
    const before = first.setCookie?.split(";")[0] ?? "";
    world.time.pass(1);
    const second = await visit(short, before, (conn) => short.putSession(conn, "n", 2));
    const after = second.setCookie?.split(";")[0] ?? "";
    for (const cookies of [
      [before, after],
      [after, before],
    ]) {
      const { result } = await world.visit(cookies, (conn) => world.sessions.getSession(conn, "n"));
      expect(result).toBe(2);
    }
  });
});

import { check, same } from "../contract/case.ts";
import { COOKIE, HOUR } from "./adapter-world.ts";
import type { AdapterWorld, Kind, Reply } from "./adapter-world.ts";

/** A case of the contract, and the stores that can keep it. */
export interface AdapterCase {
  readonly title: string;
  readonly stores: readonly Kind[];
  readonly run: (world: AdapterWorld) => Promise<void>;
}

const BOTH = ["table", "sealed"] as const;
const TABLE = ["table"] as const;

function noCookie({ cookies }: Reply, when: string): void {
  same(cookies.length, 0, `the number of session cookies ${when}`);
}

function oneCookie({ cookies }: Reply, when: string): void {
  same(cookies.length, 1, `the number of session cookies ${when}`);
}

function has(headers: Headers, name: string, part: RegExp, when: string): void {
  const value = headers.get(name);
  check(
    part.test(value ?? ""),
    `${name} ${when} should match ${String(part)}, got ${JSON.stringify(value)}`,
  );
}

export const ADAPTER_CASES: readonly AdapterCase[] = [
  {
    title: "L13: a visitor who stores nothing gets no cookie, and no store is asked",
    stores: BOTH,
    async run(world) {
      const reply = await world.visitor().get("/");
      same(reply.text, "nobody,0,", "the page");
      noCookie(reply, "of a page that only reads");
      same(world.reads, 0, "the reads of the store");
    },
  },
  {
    title: "what one request puts is there in the next, and the cookie is sent once",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      const first = await visitor.get("/count");
      oneCookie(first, "of the first write");
      const second = await visitor.get("/");
      same(second.text, "nobody,1,", "the next page");
      noCookie(second, "of a page that only reads");
    },
  },
  {
    title:
      "L16: an answer with our cookie may not be stored, and one that shows the session is private",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      const { headers } = await visitor.get("/count");
      has(headers, "cache-control", /no-store/, "of an answer with our cookie");
      has(headers, "vary", /cookie|\*/i, "of an answer with our cookie");
      const page = await visitor.get("/");
      has(page.headers, "cache-control", /private|no-store/, "of a page that shows the session");
      has(page.headers, "vary", /cookie|\*/i, "of a page that shows the session");
    },
  },
  {
    title: "L8: a log-in changes the cookie, also in a redirect, and the old cookie is nobody's",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/count");
      const before = visitor.cookie;
      const login = await visitor.get("/login/ann");
      same(login.status, 303, "the status of the redirect");
      oneCookie(login, "of the log-in");
      check(visitor.cookie !== before, "the log-in should change the cookie");
      same((await visitor.get("/")).text, "ann,1,", "the page after the log-in");
      const old = await world.visitor().get("/", before);
      same(old.text, "nobody,1,", "what the cookie of before the log-in shows");
    },
  },
  {
    title: "L7: a log-out clears the cookie",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      oneCookie(await visitor.get("/logout"), "of the log-out");
      same(visitor.cookie, "", "the browser's cookie after the log-out");
      same((await visitor.get("/")).text, "nobody,0,", "the page after the log-out");
    },
  },
  {
    title: "L7: a log-out wins over a request that began before it and writes after it",
    stores: TABLE,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      const { cookie } = visitor;
      let open = (): void => {};
      world.gate = new Promise((resolve) => (open = resolve));
      const slow = world.visitor().get("/other", cookie);
      await visitor.get("/logout");
      open();
      noCookie(await slow, "of a write that comes after the log-out");
      same((await world.visitor().get("/", cookie)).text, "nobody,0,", "what the old cookie shows");
    },
  },
  {
    title: "L5: eight requests at once lose no write",
    stores: TABLE,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      const { cookie } = visitor;
      await Promise.all(Array.from({ length: 8 }, () => visitor.get("/count", cookie)));
      same((await visitor.get("/", cookie)).text, "ann,8,", "the page after eight writes");
    },
  },
  {
    title: "two visitors at once see only their own session",
    stores: BOTH,
    async run(world) {
      const [ann, bob] = [world.visitor(), world.visitor()];
      await Promise.all([ann.get("/login/ann"), bob.get("/login/bob")]);
      const pages = await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 ? ann : bob).get("/")),
      );
      const whose = pages.map(({ text }) => text.split(",")[0]);
      same(whose.join(), Array.from({ length: 5 }, () => "bob,ann").join(), "the pages");
    },
  },
  {
    title: "L12: pages that only read keep a session alive, and it ends without them",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      for (let visit = 0; visit < 4; visit++) {
        world.clock.advance(10 * HOUR);
        same((await visitor.get("/")).text, "ann,0,", `the page after ${visit * 10 + 10} hours`);
      }
      world.clock.advance(25 * HOUR);
      same((await visitor.get("/")).text, "nobody,0,", "the page after a day without a visit");
    },
  },
  {
    title: "L14: a write after the answer is ERR_SESSION_COMMITTED",
    stores: BOTH,
    async run(world) {
      await world.visitor().get("/count");
      let code: unknown;
      try {
        world.last?.put("other", "late");
      } catch (error) {
        ({ code } = error as { code?: unknown });
      }
      same(code, "ERR_SESSION_COMMITTED", "the code of the error");
    },
  },
  {
    title:
      "L12, L16: a handler that looks while the body streams has a private answer, and may not write",
    stores: BOTH,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      const reply = await visitor.get("/stream");
      same(reply.text, "ann ERR_SESSION_COMMITTED", "the body");
      has(reply.headers, "cache-control", /private|no-store/, "of a streamed answer");
      has(reply.headers, "vary", /cookie|\*/i, "of a streamed answer");
      same((await visitor.get("/")).text, "ann,0,", "the next page");
    },
  },
  {
    title:
      "a handler that throws gets the framework's error, and its writes to a stored session stay",
    stores: TABLE,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      const reply = await visitor.get("/throw");
      check(reply.status >= 400, `the status should be of an error, got ${reply.status}`);
      same((await visitor.get("/")).text, "ann,0,kept", "the next page");
    },
  },
  {
    title:
      "L14: if the commit fails, the handler's answer does not leave, and nobody is signed out",
    stores: TABLE,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      world.failing = "writes";
      const failed = await visitor.get("/count");
      world.failing = "none";
      check(failed.status >= 500, `the status should be of an error, got ${failed.status}`);
      check(!failed.text.includes("ann,1"), "the handler's answer should not leave");
      noCookie(failed, "of an answer whose commit has failed");
      same((await visitor.get("/")).text, "ann,0,", "the next page");
    },
  },
  {
    title: "L2: if the store fails, that is an error and no log-out",
    stores: TABLE,
    async run(world) {
      const visitor = world.visitor();
      await visitor.get("/login/ann");
      world.failing = "reads";
      const failed = await visitor.get("/");
      world.failing = "none";
      check(failed.status >= 500, `the status should be of an error, got ${failed.status}`);
      noCookie(failed, "of an answer whose store has failed");
      same((await visitor.get("/")).text, "ann,0,", "the next page");
    },
  },
  {
    title: "L11: two sessions in one request are nobody, and a forged cookie is nobody",
    stores: BOTH,
    async run(world) {
      const [ann, bob] = [world.visitor(), world.visitor()];
      await ann.get("/login/ann");
      await bob.get("/login/bob");
      const both = await world.visitor().get("/", `${ann.cookie}; ${bob.cookie}`);
      same(both.text, "nobody,0,", "the page for two cookies");
      const forged = await world.visitor().get("/", `${COOKIE}=${"A".repeat(64)}`);
      same(forged.text, "nobody,0,", "the page for a forged cookie");
    },
  },
];

/** The comparison finds each kind of difference: a program that behaves differently with us is told apart. */
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { Kit, Listener, Mode, Neighbour } from "../neighbour.ts";
import { differences } from "./differences.ts";
import { run } from "./run.ts";

const AT_ONCE = "a table that answers at once";

/** What is found of a program that is given to know whether it runs with us. */
async function found(
  answer: (res: ServerResponse, withUs: boolean, kit: Kit) => unknown,
  mode: Mode = "never looked at",
  allowed: Partial<Neighbour> = {},
): Promise<readonly string[]> {
  const neighbour: Neighbour = {
    host: "node",
    name: "a program",
    requests: [{ path: "/" }],
    program:
      (kit): Listener =>
      (_req, res) =>
        answer(res, kit.sessions !== undefined, kit),
  };
  const [plain, withUs] = [
    await run(neighbour, mode, undefined),
    await run(neighbour, mode, AT_ONCE),
  ];
  return differences(plain, withUs, allowed).faults;
}

/** Tells of a look where no session of ours is read. */
const looked = (seen: Awaited<ReturnType<typeof run>>) =>
  seen.map((each) => ({ ...each, looked: true }));

describe("the comparison of a run with us and a run without us", () => {
  test("two runs that are the same have no difference", async () => {
    expect(await found((res) => res.end("page"))).toEqual([]);
  });

  test.each<[string, (res: ServerResponse, withUs: boolean, kit: Kit) => unknown, RegExp]>([
    ["status", (res, withUs) => res.writeHead(withUs ? 201 : 200).end(), /^request 1, status: /],
    ["reason", (res, withUs) => res.writeHead(200, withUs ? "A" : "B").end(), /, reason: /],
    ["body", (res, withUs) => res.end(withUs ? "page" : "pages"), /, body: /],
    ["header", (res, withUs) => res.setHeader("X-A", String(withUs)).end(), /, header x-a: /],
    ["case", (res, withUs) => res.setHeader(withUs ? "X-A" : "x-a", "1").end(), /, header x-a: /],
    [
      "cookie",
      (res, withUs) => res.setHeader("Set-Cookie", withUs ? "a=1" : "b=1").end(),
      /set-cookie/,
    ],
    [
      "vary",
      (res, withUs) => res.setHeader("Vary", withUs ? "A, Cookie" : "B").end(),
      /, header vary: /,
    ],
    ["note", (res, withUs, { note }) => (note(String(withUs)), res.end()), /, notes: /],
    ["callback", (res, withUs, { event }) => res.end(() => withUs && event("end")), /, events: /],
    ["cut", (res, withUs) => (withUs ? res.destroy() : res.end()), /, error: with us "ECONNRESET"/],
    [
      "event",
      (res, withUs) => {
        if (withUs) res.once("finish", () => res.emit("error", new Error("late")));
        res.end();
      },
      /, events: .*late/,
    ],
    [
      "process",
      (res, withUs) => {
        if (withUs) void Promise.reject(new Error("nobody hears"));
        res.end();
      },
      /unhandledRejection: Error nobody hears/,
    ],
    [
      "our cookie without a look",
      (res, withUs) => {
        if (withUs) res.setHeader("Set-Cookie", "sid=x").setHeader("Cache-Control", "no-store");
        res.end();
      },
      /our cookie leaves with an answer that nobody gave it to/,
    ],
    [
      "a Cache-Control that is not ours",
      (res, withUs) => res.setHeader("Cache-Control", withUs ? "public" : "private").end(),
      /, header cache-control: /,
    ],
  ])("finds another %s", async (_what, answer, fault) => {
    expect((await found(answer)).join("\n")).toMatch(fault);
  });

  test("a header that differs in each run may do so, and may not be missing", async () => {
    const volatile = ["x-a"];
    const answer = (res: ServerResponse, withUs: boolean) =>
      res.setHeader("X-A", String(withUs)).end();
    expect(await found(answer, "never looked at", { volatile })).toEqual([]);
    const missing = (res: ServerResponse, withUs: boolean) =>
      withUs ? res.end() : res.setHeader("X-A", "1").end();
    expect((await found(missing, "never looked at", { volatile })).join()).toMatch(/header x-a/);
  });

  test("an answer whose session was looked at bears Vary: Cookie and a Cache-Control", async () => {
    const neighbour: Neighbour = {
      host: "node",
      name: "a program",
      requests: [{ path: "/" }],
      program: () => (_req, res) => res.end(),
    };
    const plain = looked(await run(neighbour, "never looked at", undefined));
    const { faults } = differences(plain, plain, {});
    expect(faults.map((fault) => fault.replace(/^request 1, /, ""))).toEqual([
      "header vary:  does not name Cookie",
      "header cache-control: with us undefined, without us undefined",
    ]);
  });

  test("our Cache-Control in the place of the neighbour's is a fault, but where it is known", async () => {
    const program = (withUs: boolean): Neighbour => ({
      host: "node",
      name: "a program",
      requests: [{ path: "/" }],
      program: () => (_req, res) => {
        res.setHeader("Vary", "Cookie");
        res.setHeader("Cache-Control", withUs ? "private, no-cache" : "public").end();
      },
    });
    const [plain, withUs] = [
      looked(await run(program(false), "never looked at", undefined)),
      looked(await run(program(true), "never looked at", undefined)),
    ];
    expect(differences(plain, withUs, {}).faults).toEqual([
      '"private, no-cache" stands where the neighbour has a Cache-Control of its own without us',
    ]);
    expect(differences(plain, withUs, { known: "It is known" })).toEqual({
      faults: [],
      known: true,
    });
  });
});

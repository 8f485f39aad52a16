/** Each call of a response in each state, on a response of Node and on one that we hold. */
import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { CommitResult } from "../../../src/core/cookie/response-headers.ts";
import {
  connect,
  COOKIE,
  deferred,
  fetch2,
  hold,
  hookOf,
  plain,
  request,
  serve,
  serve2,
} from "./hold-server.ts";

type Res = ServerResponse | Http2ServerResponse;
/** A call by name: some are missing in the types of one protocol. */
type Call = readonly [name: string, ...args: readonly unknown[]];

/** What the handler does first: it sends the head, as far as the handler sees. */
const ENTRIES: Readonly<Record<string, Call>> = {
  writeHead: ["writeHead", 201, { "X-Head": "1" }],
  write: ["write", "first "],
  end: ["end", "first"],
  flushHeaders: ["flushHeaders"],
};

/** What the handler does then. `Callback` stands for a function that is told of. */
const Callback = Symbol("callback");
const PROBES: Readonly<Record<string, Call>> = {
  "setHeader()": ["setHeader", "X-Late", "1"],
  "setHeader() of a cookie in lower case": ["setHeader", "set-cookie", "a=1"],
  "appendHeader()": ["appendHeader", "X-Early", "2"],
  "removeHeader()": ["removeHeader", "X-Early"],
  "getHeader()": ["getHeader", "x-early"],
  "getHeader() of the head": ["getHeader", "x-head"],
  "hasHeader()": ["hasHeader", "x-early"],
  "getHeaderNames()": ["getHeaderNames"],
  "writeHead()": ["writeHead", 203],
  "writeHead() with headers": ["writeHead", 203, { "X-Late": "1" }],
  "writeHead() with a list": ["writeHead", 203, ["X-Late", "1", "Set-Cookie", "a=1"]],
  "writeHead() with a reason": ["writeHead", 203, "Own reason", { "X-Late": "1" }],
  "writeHead() with a status as text": ["writeHead", "203"],
  "writeHead() with a wrong status": ["writeHead", 42],
  "write()": ["write", "second "],
  "write() of bytes, and a callback": ["write", Buffer.from("second "), Callback],
  "write() in an encoding, and a callback": ["write", "c2Vjb25k", "base64", Callback],
  "write() of nothing": ["write", ""],
  "write() of null": ["write", null],
  "write() of a number": ["write", 42],
  "end()": ["end"],
  "end() with a text": ["end", "second"],
  "end() with a callback": ["end", Callback],
  "end() with all": ["end", "c2Vjb25k", "base64", Callback],
  "end() of a number": ["end", 42],
  "flushHeaders()": ["flushHeaders"],
  "addTrailers()": ["addTrailers", { "X-Trailer": "1" }],
  "_implicitHeader()": ["_implicitHeader"],
  "cork()": ["cork"],
  "destroy()": ["destroy"],
};

/** What may come before a head, and breaks an answer that comes after it: also on a response of Node. */
const EARLY: Readonly<Record<string, Call>> = {
  "writeEarlyHints()": ["writeEarlyHints", { link: "</a.css>; rel=preload" }],
  "writeContinue()": ["writeContinue"],
  "writeProcessing()": ["writeProcessing"],
};

/** Actions that are no call. */
const ACTIONS: Readonly<Record<string, (res: Res) => unknown>> = {
  nothing: () => undefined,
  "statusCode = 404": (res) => (res.statusCode = 404),
  "a pipe": (res) => void Readable.from(["piped"]).pipe(res as ServerResponse),
};

/** What a response shows of itself. */
const SHOWN = [
  "headersSent",
  "writableEnded",
  "finished",
  "statusCode",
  "destroyed",
  "sendDate",
] as const;
const SHOWN_BY_HTTP1 = ["statusMessage"] as const;

/** Ours, and Node's way to keep the status of HTTP/2. */
const NOT_COMPARED = ["vary", "cache-control", "set-cookie", ":status"];

const STATES = ["open", "held", "through", "failed"] as const;
type State = (typeof STATES)[number];

interface Run {
  /** What the calls gave, and what the response then showed. */
  readonly seen: readonly string[];
  /** Callbacks and events, in their order. */
  readonly events: readonly string[];
  /** What the client has. */
  readonly wire: string;
}

const made: CommitResult = { setCookie: COOKIE };

/** @param state `undefined`: the response is Node's own */
async function run(
  protocol: 1 | 2,
  state: State | undefined,
  entry: Call | undefined,
  probe: (res: Res, call: (call: Call) => void) => void,
): Promise<Run> {
  const seen: string[] = [];
  const events: string[] = [];
  const { promise: closed, resolve: close } = deferred();

  const handler = async (res: Res): Promise<void> => {
    for (const name of ["finish", "close", "error"]) {
      res.on(name, (error?: NodeJS.ErrnoException) => events.push(`${name} ${error?.code ?? ""}`));
    }
    res.once("close", () => setImmediate(close));
    const commit = deferred<CommitResult>();
    if (state) {
      const failing = (): CommitResult => {
        throw new Error("store is down");
      };
      const commits = {
        open: () => made,
        held: () => commit.promise,
        through: () => made,
        failed: failing,
      };
      const fail = (): void => void Reflect.apply(res.end, res, ["the error's answer"]);
      hold(res, hookOf(commits[state], fail));
    }
    const call = ([name, ...args]: Call): void => {
      const given = args.map((arg) =>
        arg === Callback
          ? (error?: NodeJS.ErrnoException) => events.push(`callback ${error?.code ?? ""}`)
          : arg,
      );
      seen.push(`${name}: ${outcome(() => method(res, name, given), res)}`);
    };
    res.setHeader("X-Early", "1");
    if (entry) call(entry);
    probe(res, call);
    const names = protocol === 1 ? [...SHOWN, ...SHOWN_BY_HTTP1] : SHOWN;
    for (const name of names) seen.push(`${name} ${String(Reflect.get(res, name))}`);
    // Its text is Node's own affair.
    if (protocol === 1) seen.push(`_header ${Boolean(Reflect.get(res, "_header"))}`);
    commit.resolve(made);
    await commit.promise;
    await new Promise((done) => setImmediate(done));
    if (!res.writableEnded) Reflect.apply(res.end, res, ["last"]);
  };

  if (protocol === 1) {
    const port = await serve((_req, res) => void handler(res));
    const all = await connect(port, request("GET", "/", "close")).all;
    const early = /^(?:HTTP\/1.1 1[^]*?\r\n\r\n)*/.exec(all)?.[0] ?? "";
    const wire = early + plain(all.slice(early.length));
    await closed;
    return { seen, events, wire };
  }
  const session = await serve2((_req, res) => void handler(res));
  const wire = await fetch2(session).then(wireOf, (error: Error) => error.message);
  await closed;
  return { seen, events, wire };
}

function method(res: Res, name: string, args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(res, name);
  if (typeof found !== "function") return "is no method";
  return Reflect.apply(found, res, args) as unknown;
}

function outcome(task: () => unknown, res: Res): string {
  try {
    const result = task();
    if (result === res) return "the response";
    if (Array.isArray(result)) return result.filter((name) => !NOT_COMPARED.includes(name)).join();
    return String(result);
  } catch (error) {
    return `throws ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Without what differs by design: our headers, and the time of day. */
function wireOf({ headers, ...rest }: Awaited<ReturnType<typeof fetch2>>): string {
  const { date: _, vary: __, "cache-control": ___, "set-cookie": cookies = [], ...own } = headers;
  const others = cookies.filter((cookie) => cookie !== COOKIE);
  return JSON.stringify({ ...rest, own, others });
}

type Probe = readonly [title: string, probe: (res: Res, make: (call: Call) => void) => void];

const probesOf = (calls: Readonly<Record<string, Call>>): readonly Probe[] =>
  Object.entries(calls).map(([title, call]) => [title, (_res, make) => make(call)]);
const probes: readonly Probe[] = [
  ...probesOf(PROBES),
  ...Object.entries(ACTIONS).map(([title, action]): Probe => [title, (res) => void action(res)]),
];

describe.each([1, 2] as const)("L15: over HTTP/%s a response that we hold", (protocol) => {
  // Over HTTP/2 Node remembers a status that it has refused, and fails again at `end`.
  const isEndless = ([title]: Probe): boolean => protocol === 2 && /wrong status/.test(title);
  const open = [...probes, ...probesOf(EARLY)].filter((probe) => !isEndless(probe));

  test.each(open)("an open response behaves as Node's: %s", async (_title, probe) => {
    const bare = await run(protocol, undefined, undefined, probe);
    expect(await run(protocol, "open", undefined, probe)).toEqual(bare);
  });

  describe.each(["held", "through", "failed"] as const)("the response is %s", (state) => {
    describe.each(Object.entries(ENTRIES))("after %s", (name, entry) => {
      test.each(probes)("the response behaves as Node's: %s", async (title, probe) => {
        const bare = await run(protocol, undefined, entry, probe);
        const ours = await run(protocol, state, entry, probe);
        // A failed commit has an answer of its own. L14: an answer that is destroyed before the commit never leaves.
        const isGone = state === "held" && title === "destroy()";
        // Over HTTP/2 a pipe after `end` makes Node cut its own answer; ours leaves.
        const isCut = protocol === 2 && name === "end" && title === "a pipe";
        const isOther = state === "failed" || isGone || isCut;
        if (isOther) expect(ours.seen).toEqual(bare.seen);
        else expect(ours).toEqual(bare);
      });
    });
  });
});

import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import { afterEach, beforeEach, expect } from "vitest";
import { holdResponse } from "../../../src/adapters/_node/held-response.ts";
import type { Committer } from "../../../src/core/request/host.ts";
import type { CommitResult } from "../../../src/core/cookie/response-headers.ts";
import type { Awaitable } from "../../../src/core/awaitable.ts";

export const COOKIE = "sid=1; Path=/";
export const MADE: CommitResult = { setCookie: COOKIE };

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** No test of a held response may end the process. Checked before the servers close: hooks run last to first. */
let crashes: () => readonly unknown[];
beforeEach(() => {
  crashes = watchCrashes();
});
afterEach(() => {
  expect(crashes()).toEqual([]);
});

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A session and its host in one: it counts commits, and notes the errors of those that fail. */
export interface TestHook extends Committer {
  onCommitError(error: unknown): void;
  commits: number;
  readonly failures: unknown[];
}

export function hookOf(
  commit: () => Awaitable<CommitResult>,
  onCommitError: (error: unknown) => void = () => {},
): TestHook {
  const failures: unknown[] = [];
  return {
    commits: 0,
    failures,
    commit() {
      this.commits += 1;
      return commit();
    },
    onCommitError(error) {
      failures.push(error);
      onCommitError(error);
    },
  };
}

/** Holds a response as a host does when its handler looks at the session. */
export function hold(
  res: http.ServerResponse | http2.Http2ServerResponse,
  hook: TestHook,
): boolean {
  return holdResponse(res, { session: hook, host: hook });
}

/** Ends the response as a host's error path does. */
export function answer500(res: http.ServerResponse | http2.Http2ServerResponse) {
  return (error: unknown): void => {
    res.statusCode = 500;
    res.setHeader("Content-Type", "text/plain");
    res.end(error instanceof Error ? error.message : "?");
  };
}

/** Starts a server on a free port and stops it after the test. */
export async function serve(handler: http.RequestListener): Promise<number> {
  const server = http.createServer(handler);
  return listen(server, () => server.closeAllConnections());
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
}

export async function serve2(
  handler: (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => void,
): Promise<http2.ClientHttp2Session> {
  const server = http2.createServer(handler);
  const port = await listen(server, () => {});
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  closers.unshift(async () => session.destroy());
  return session;
}

async function listen(server: net.Server, closeAll: () => void): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        closeAll();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export function fetch2(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = { ":path": "/" },
): Promise<Http2Answer> {
  return new Promise((done, failed) => {
    const stream = session.request(headers);
    let answered: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders | undefined;
    let body = "";
    stream.setEncoding("utf8");
    stream.on("response", (found) => (answered = found));
    stream.on("trailers", (found) => (trailers = found));
    stream.on("data", (chunk: string) => (body += chunk));
    stream.on("error", failed);
    stream.on("close", () =>
      done({ status: Number(answered[":status"]), headers: answered, body, trailers }),
    );
    stream.end();
  });
}

/** A raw connection: what comes back is looked at byte by byte. */
export interface Wire {
  readonly socket: net.Socket;
  /** All that has come until the server closed the connection. */
  readonly all: Promise<string>;
  /** What has come so far. */
  readonly now: () => string;
  /** Waits until what has come fits. */
  readonly until: (found: RegExp) => Promise<string>;
}

export function connect(port: number, text?: string): Wire {
  const socket = net.connect(port, "127.0.0.1");
  let come = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    come += chunk;
    socket.emit("come");
  });
  socket.on("error", () => {});
  const all = new Promise<string>((done) => socket.on("close", () => done(come)));
  const until = async (found: RegExp): Promise<string> => {
    while (!found.test(come)) {
      if (socket.closed) throw new Error(`closed after ${JSON.stringify(come)}`);
      await new Promise<void>((done) => {
        socket.once("come", done);
        socket.once("close", () => done());
      });
    }
    return come;
  };
  if (text !== undefined) socket.write(text);
  closers.unshift(async () => void socket.destroy());
  return { socket, all, now: () => come, until };
}

export function request(method = "GET", path = "/", connection = "close"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
}

/** The whole answer to one request on a connection of its own. */
export function exchange(port: number, method = "GET", path = "/"): Promise<string> {
  return connect(port, request(method, path)).all;
}

/** Lets everything run that could run: several turns of the loop, and a round trip on a real socket. */
export async function turns(): Promise<void> {
  await exchange(await serve((_req, res) => res.end()));
  for (let at = 0; at < 5; at += 1) await new Promise((done) => setImmediate(done));
}

export function head(answer: string): string {
  return answer.slice(0, answer.indexOf("\r\n\r\n"));
}

export function body(answer: string): string {
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}

export function count(answer: string, text: string): number {
  return answer.split(text).length - 1;
}

/** An answer without what differs by design: our headers, and the time of day. */
export function plain(answer: string): string {
  const ours = /^(?:date|vary|cache-control|set-cookie: sid=).*\r\n/gim;
  return `${`${head(answer)}\r\n`.replace(ours, "")}\r\n${body(answer)}`;
}

/** What would end the process: caught for the length of a test. */
function watchCrashes(): () => readonly unknown[] {
  const crashes: unknown[] = [];
  const record = (error: unknown): void => void crashes.push(error);
  const before = [
    process.rawListeners("uncaughtException"),
    process.rawListeners("unhandledRejection"),
  ] as const;
  process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
  process.on("uncaughtException", record).on("unhandledRejection", record);
  return () => {
    process.off("uncaughtException", record).off("unhandledRejection", record);
    for (const listener of before[0]) process.on("uncaughtException", listener as () => void);
    for (const listener of before[1]) process.on("unhandledRejection", listener as () => void);
    return crashes;
  };
}

import * as http from "node:http";
import * as http2 from "node:http2";
import type { Ask, Reply } from "../neighbour.ts";

/** One client with one connection. */
export interface Client {
  readonly ask: (ask: Ask) => Promise<Reply>;
  readonly close: () => void;
}

export function connect(port: number, protocol: "http/1.1" | "http/2"): Client {
  return protocol === "http/2" ? connect2(port) : connect1(port);
}

function connect1(port: number): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = ({
    method = "GET",
    path,
    headers,
    body,
    leaves,
    patience = 2000,
  }: Ask): Promise<Reply> =>
    new Promise((done) => {
      const request = http.request({ host: "127.0.0.1", port, path, method, agent, headers });
      const hints: (readonly [string, string])[] = [];
      request.on("information", ({ statusCode, rawHeaders }) =>
        hints.push([`information ${statusCode}`, rawHeaders.join(" ")]),
      );
      const timer = setTimeout(() => request.destroy(new Error(GAVE_UP)), patience);
      request.on("close", () => clearTimeout(timer));
      request.on("error", (error) => done({ ...NOTHING, error: codeOf(error) }));
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        const finish = (error: string): void =>
          done({
            status: response.statusCode ?? 0,
            reason: response.statusMessage ?? "",
            headers: [...hints, ...pairs(response.rawHeaders)],
            body: Buffer.concat(chunks),
            trailers: response.rawTrailers,
            error,
          });
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if (leaves) request.destroy();
        });
        response.on("end", () => finish(""));
        response.on("error", (error) => finish(leaves ? "left" : codeOf(error)));
      });
      request.end(body);
    });
  return { ask, close: () => agent.destroy() };
}

function connect2(port: number): Client {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const ask = ({
    method = "GET",
    path,
    headers,
    body,
    leaves,
    patience = 2000,
  }: Ask): Promise<Reply> =>
    new Promise((done) => {
      const stream = session.request({ ":path": path, ":method": method, ...headers });
      const chunks: Buffer[] = [];
      let answered: http2.IncomingHttpHeaders = {};
      let trailers: readonly string[] = [];
      let error = "";
      stream.on("response", (found) => (answered = found));
      stream.on("trailers", (found) => (trailers = Object.entries(found).flat().map(String)));
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (leaves) stream.close(http2.constants.NGHTTP2_CANCEL);
      });
      const timer = setTimeout(() => stream.destroy(new Error(GAVE_UP)), patience);
      stream.on("error", (found) => (error = codeOf(found)));
      stream.on("close", () => {
        clearTimeout(timer);
        done({
          status: Number(answered[":status"] ?? 0),
          reason: "",
          headers: Object.entries(answered)
            .filter(([name]) => name !== ":status")
            .flatMap(([name, value]) => [value ?? ""].flat().map((each) => [name, each] as const)),
          body: Buffer.concat(chunks),
          trailers,
          error: leaves ? "left" : error,
        });
      });
      stream.end(body);
    });
  return { ask, close: () => session.destroy() };
}

const GAVE_UP = "the client gave up";

export const NOTHING: Reply = {
  status: 0,
  reason: "",
  headers: [],
  body: Buffer.alloc(0),
  trailers: [],
  error: "",
};

/** The name and value of each header, of a list of both in turn. */
export function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as const] : []));
}

export function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}

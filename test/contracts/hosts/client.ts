import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { Readable } from "node:stream";
import type { Certificate } from "../../support/certificate.ts";
import { confideCookies } from "../../support/leaks.ts";
import type { HostDriver } from "./app.ts";

export interface Ask {
  readonly method?: string;
  readonly host?: string;
  /** The Cookie headers, each a line of its own; in HTTP/2 each a crumb. */
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Exchange {
  /** Fails when the connection ends before the answer begins. */
  readonly head: Promise<Head>;
  readonly abort: () => void;
}

export interface Head {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Readable;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The Set-Cookie headers. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** One client with one connection, or as many as it has requests at a time where the protocol asks for it. */
export interface Client {
  readonly ask: (path: string, ask?: Ask) => Exchange;
  readonly close: () => void;
}

/** @param tls speaks TLS, and trusts this certificate */
export function connect(protocol: HostDriver["protocol"], port: number, tls?: Certificate): Client {
  return protocol === "http/2" ? connect2(port, tls) : connect1(port, tls);
}

/** Whatever a request says of its host, the server is the one of the certificate. */
const trusting = ({ cert, host }: Certificate) => ({ ca: cert, servername: host });

function connect1(port: number, tls?: Certificate): Client {
  const agent = tls
    ? new https.Agent({ keepAlive: true, ...trusting(tls) })
    : new http.Agent({ keepAlive: true });
  return {
    ask(path, { method = "GET", host = "localhost", cookies = [], headers: own = {}, body } = {}) {
      const lines = cookies.flatMap((cookie) => ["Cookie", cookie]);
      const headers = ["Host", host, ...lines, ...Object.entries(own).flat()];
      const request = (tls ? https : http).request({
        host: "127.0.0.1",
        port,
        path,
        method,
        agent,
        headers,
      });
      const head = new Promise<Head>((done, failed) => {
        request.on("error", failed);
        request.on("response", (response) => {
          const { statusCode = 0, headers } = response;
          confideCookies(headers["set-cookie"] ?? []);
          done({ status: statusCode, headers, body: response });
        });
      });
      request.end(body);
      return { head, abort: () => void request.destroy() };
    },
    close: () => agent.destroy(),
  };
}

function connect2(port: number, tls?: Certificate): Client {
  const session = tls
    ? http2.connect(`https://127.0.0.1:${port}`, trusting(tls))
    : http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  return {
    ask(path, { method = "GET", host = "localhost", cookies = [], headers = {}, body } = {}) {
      const stream = session.request({
        ":path": path,
        ":method": method,
        ":authority": host,
        // The types know one cookie only.
        cookie: [...cookies] as unknown as string,
        ...headers,
      });
      const head = new Promise<Head>((done, failed) => {
        stream.on("error", failed);
        stream.on("close", () => failed(new Error("closed")));
        stream.on("response", (headers) => {
          confideCookies(headers["set-cookie"] ?? []);
          done({ status: Number(headers[":status"]), headers, body: stream });
        });
      });
      stream.end(body);
      return { head, abort: () => stream.close(http2.constants.NGHTTP2_CANCEL) };
    },
    close: () => session.destroy(),
  };
}

/** Waits for the whole answer. Fails when it is cut off. */
export async function whole({ head }: Exchange): Promise<Answer> {
  const { status, headers, body } = await head;
  const chunks: Buffer[] = [];
  await new Promise<void>((done, failed) => {
    body.on("data", (chunk: Buffer) => chunks.push(chunk));
    body.on("end", done);
    body.on("error", failed);
    body.on("aborted", () => failed(new Error("cut off")));
  });
  const cookies = headers["set-cookie"] ?? [];
  return { status, headers, cookies, body: Buffer.concat(chunks).toString("latin1") };
}

/** Keeps the cookies of one person, as a browser does that ignores their attributes but Max-Age. */
export class Browser {
  readonly jar = new Map<string, string>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  ask(path: string, ask: Ask = {}): Exchange {
    const cookies = [...this.jar].map(([name, value]) => `${name}=${value}`);
    return this.#client.ask(path, {
      cookies: cookies.length > 0 ? [cookies.join("; ")] : [],
      ...ask,
    });
  }

  async get(path: string, ask: Ask = {}): Promise<Answer> {
    const answer = await whole(this.ask(path, ask));
    for (const cookie of answer.cookies) this.#keep(cookie);
    return answer;
  }

  /** Another browser that holds the same cookies: a copy, or a second tab that asks at the same time. */
  twin(): Browser {
    const twin = new Browser(this.#client);
    for (const [name, value] of this.jar) twin.jar.set(name, value);
    return twin;
  }

  #keep(cookie: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (/; Max-Age=0(?:;|$)/.test(cookie)) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}

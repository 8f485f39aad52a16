import type { ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { AnySessions, Conn, HostOptions } from "../../../src/core/types.ts";
import type { Certificate } from "../../support/certificate.ts";

/** An application that says nothing of its host. */
export interface App extends Below {
  /** The host's own error path, as an application sets it. */
  readonly onError: (error: unknown, incoming: Incoming) => Reply;
}

/** One with another above it: a router, or whatever the host has for it. */
export interface Below {
  /** The middleware, outermost first. */
  readonly middleware: readonly Use[];
  /** By path. */
  readonly below?: Readonly<Record<string, Below>>;
  readonly handle: Handle;
}

export interface Use {
  readonly sessions: AnySessions;
  readonly options?: HostOptions;
}

/** `undefined` leaves the request to the host's own 404. What it throws takes the host's own error path. */
export type Handle = (incoming: Incoming) => Awaitable<Reply | undefined>;

export interface Incoming {
  /** What the helpers take: `req`, `c`, ... */
  readonly conn: Conn;
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the host shows under a name: `req[name]`, `c.get(name)`. */
  readonly exposed: (name: string) => unknown;
  /** Waits until the client has gone. */
  readonly untilGone: () => Promise<void>;
  /** Node's response, which most handlers never see. */
  readonly response: () => ServerResponse;
}

/** An answer, given in the way that is usual in the host. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | AsyncIterable<string | Uint8Array>;
  /** The path of a file that is the body. */
  readonly file?: string;
  /** Where a redirect leads. */
  readonly redirect?: string;
}

/** One host: all that a new one has to bring. */
export interface HostDriver {
  readonly name: string;
  readonly protocol: "http/1.1" | "http/2";
  /** Whether the session stands on the request under a name, which may be taken. */
  readonly exposes: boolean;
  /** Cases that the host cannot pass, by title, each with its reason; the support table says so. */
  readonly except?: Readonly<Record<string, string>>;
  /** A server that runs the application. It listens on no port yet. */
  readonly serve: (app: App, options: ServeOptions) => Server;
}

/** A case for the hosts that have an option for it. */
export const BEHIND_PROXY =
  "behind a proxy that ends TLS and that the host trusts, the Secure cookie is sent and nothing is said";

/** What a driver says of a host without that option. */
export const trustsNoProxy: Readonly<Record<string, string>> = {
  [BEHIND_PROXY]:
    "The host has no option to trust a proxy: the cookie is sent, and the event says what may become of it",
};

/** What stands between the client and the application. */
export interface ServeOptions {
  /** With TLS, by this certificate. */
  readonly tls?: Certificate | undefined;
  /** The host's own option that makes it believe what a proxy says of the client. */
  readonly trustProxy?: boolean | undefined;
}

export interface Running {
  readonly port: number;
  /** How many connections were opened so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Listens on a free port. */
export async function run(server: Server): Promise<Running> {
  const sockets = new Set<{ destroy(): unknown }>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** What the URL of a request says. */
export function target(url: string | undefined): Pick<Incoming, "path" | "query"> {
  const { pathname, searchParams } = new URL(url ?? "/", "http://localhost");
  return { path: pathname, query: searchParams };
}

export function untilClosed(response: NodeJS.EventEmitter): () => Promise<void> {
  return () => new Promise((done) => response.once("close", () => done()));
}

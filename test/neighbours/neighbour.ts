/**
 * The neighbours: other people's packages around and below our middleware. One program runs with it and without it, and
 * everything that others can see of the two runs is the same, but for our own headers.
 *
 * To add one:
 *
 * 1. Add the package to test/tools, with its exact version: `cd test/tools && npm install --save-exact NAME`.
 * 2. Write an entry in a file of its host: `express/*.ts`, `node/koa.ts`, ... A new host gets a folder with a file of
 *    `Neighbour`s (`express/host.ts` shows how a host makes them of short entries), and beside it a `.test.ts` with one
 *    line: `testNeighbours(...)`. Name the list in `hosts.ts`, or the table leaves it out.
 * 3. `npm run test:neighbours -- express` runs a part. `npm run test:neighbours` writes docs/reports/neighbours.md.
 *
 * A program builds a whole application. It takes what it does with a session from its `Kit` and nowhere else, so that
 * it is the same with and without us. What it wants compared beside the answer, it tells to `kit.note` and `kit.event`.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Sessions } from "../../src/core/types.ts";

/** What the sessions hold. */
export interface Data {
  readonly user: string;
  readonly n: number;
}

/** When the program looks at its session. */
export const MODES = [
  "looked at above",
  "looked at inside",
  "looked at in a later turn",
  "looked at after the answer",
  "never looked at",
  "written inside",
] as const;
export type Mode = (typeof MODES)[number];

/** What a program is given. */
export interface Kit {
  /** `undefined` in the run without us: the program then registers no middleware of ours. */
  readonly sessions: Sessions<Data> | undefined;
  /** Stands directly below our middleware, such as an auth check: looks at the session if this run looks there. */
  readonly above: (conn: object) => void;
  /** Runs a handler, and looks at the session where this run does so. Each handler of a program is run by it. */
  readonly handle: <T>(conn: object, handler: () => T) => T | Promise<Awaited<T>>;
  /** Tells the events of a response. A program that is behind a server of Node has no need of it. */
  readonly watch: (res: ServerResponse) => void;
  /** What the program's own code sees and does, such as a value that it reads or an error that arrives: compared. */
  readonly note: (text: string) => void;
  /**
   * What Node tells of the answer, such as a callback of `end` or a listener of the head: compared in one order with
   * `finish` and `close`. A commit may come between it and the program's own code.
   */
  readonly event: (text: string) => void;
}

/** A request of the client. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The client goes when the first bytes of the body have come. */
  readonly leaves?: boolean;
  /** Milliseconds after which the client gives up. Default: 2000. */
  readonly patience?: number;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly reason: string;
  /** In the order and the case in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly trailers: readonly string[];
  /** Why the answer did not come, or not to its end. */
  readonly error: string;
}

export type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** A program that runs: behind a server of Node, or behind something that is none, such as a serverless adapter. */
export type Program =
  | Listener
  | {
      /** A server that does not listen yet. `protocol`: default http/1.1. */
      readonly server: Server;
      readonly protocol?: "http/1.1" | "http/2";
      readonly close?: () => unknown;
    }
  | {
      /** Takes a request without a server. */
      readonly ask: (
        ask: Ask & { readonly headers: Readonly<Record<string, string>> },
      ) => Promise<Reply>;
      readonly close?: () => unknown;
    };

export interface Neighbour {
  readonly host: string;
  readonly name: string;
  /** Where its package is, for its version. None: it is part of the host. */
  readonly package?: string | undefined;
  /** Where it stands, if it may stand in several places. */
  readonly place?: string | undefined;
  readonly program: (kit: Kit) => Program | Promise<Program>;
  /** Made one after the other. A function is given what came back so far. */
  readonly requests: readonly (Ask | ((before: readonly Reply[]) => Ask))[];
  /** Names of headers whose values are new in each run, such as a time. In lower case. */
  readonly volatile?: readonly string[] | undefined;
  /**
   * The host's headers are a `Headers`, which keeps no case of a name, and its server chooses how a body is framed. Both
   * depend on whether any middleware has read the headers.
   */
  readonly headersOf?: "the platform" | undefined;
  /**
   * The one difference that L16 asks for: the neighbour sets Cache-Control only where none stands, and ours stands. What
   * it is in words, for the table.
   */
  readonly known?: string | undefined;
}

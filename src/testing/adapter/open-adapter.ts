/** What an adapter's author gives to the contract, and what the contract gives for it. */
import type { Awaitable } from "../../core/awaitable.ts";
import type { Session, Sessions } from "../../core/types.ts";

/** The data of the sessions in the contract of an adapter. */
export interface AdapterData {
  user?: string;
  count?: number;
  other?: string;
}

/** What the contract's handler answers. The application turns it into an answer of its framework. */
export interface AdapterAnswer {
  readonly status: number;
  /** A stream for an answer whose handler goes on while the body is sent. */
  readonly body: string | ReadableStream<Uint8Array>;
  /** Where a redirect leads. */
  readonly location?: string | undefined;
}

/** What the application under test is made of. */
export interface AdapterGiven {
  readonly sessions: Sessions<AdapterData>;
  /**
   * Answers each path: call it with the session that the adapter gives to a handler. It may throw, and then the
   * framework shall answer as it does to any error.
   */
  readonly handle: (session: Session<AdapterData>, path: string) => Awaitable<AdapterAnswer>;
}

/** An application with the adapter under test. */
export interface AdapterApp {
  /** Answers a request as the application's server does. */
  readonly fetch: (request: Request) => Awaitable<Response>;
  readonly close?: (() => Awaitable<unknown>) | undefined;
}

/** Makes the application for one case. */
export type OpenAdapter = (given: AdapterGiven) => Awaitable<AdapterApp>;

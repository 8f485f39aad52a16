import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Outcome } from "../../core/cookie/response-headers.ts";
import { chain } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { Host, RequestSession } from "../../core/request/session.ts";
import { holdResponse, prepareResponse } from "./hold-response.ts";
import type { Gate } from "./held-response.ts";
import { isGone } from "./response-head.ts";
import { isLocalHost } from "../../core/cookie/local-host.ts";

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What a host says of its request where it knows more than the socket does, such as a proxy that it trusts. */
export interface Judge {
  readonly secure?: boolean;
}

/** A request of `node:http` or its HTTP/2 counterpart, for the hosts that are built on them. */
export class NodeHost implements Host, Gate {
  readonly anonymousOnError: boolean;
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  readonly #judge: Judge;
  /** The host's own path for an error. */
  readonly #failed: (error: unknown) => void;
  readonly #looked: (() => void) | undefined;
  #session: RequestSession | undefined;

  /** @param looked is told when the handler looks at the session for the first time */
  constructor(
    request: NodeRequest,
    response: NodeResponse,
    failed: (error: unknown) => void,
    anonymousOnError: boolean,
    judge: Judge = request as Judge, // Express: by its `trust proxy` setting
    looked?: () => void,
  ) {
    this.#request = request;
    this.#judge = judge;
    this.#response = response;
    this.#failed = failed;
    this.#looked = looked;
    this.anonymousOnError = anonymousOnError;
    prepareResponse(response);
  }

  cookieHeader(): string | undefined {
    return this.#request.headers.cookie;
  }

  onLook(session: RequestSession): boolean {
    this.#session = session;
    this.#looked?.();
    return holdResponse(this.#response, this);
  }

  isInsecure(): boolean {
    const { headers, socket } = this.#request;
    const { secure = "encrypted" in socket } = this.#judge;
    const host = headers.host ?? (headers as Record<string, string | undefined>)[":authority"];
    return !secure && !isLocalHost(host);
  }

  isGone(): boolean {
    return isGone(this.#response);
  }

  commit(): Awaitable<Outcome> {
    return chain(this.#session?.commit(), (outcome) => outcome ?? { setCookie: undefined });
  }

  fail(error: unknown): void {
    this.#failed(error);
  }
}

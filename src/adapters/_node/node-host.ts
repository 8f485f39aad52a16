import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { RequestState } from "../../core/request/attach.ts";
import type { Committer, Host } from "../../core/request/host.ts";
import type { Begun, HostSessions } from "../../core/sessions.ts";
import { holdResponse } from "./held-response.ts";
import { hasSharedHead } from "./late-look.ts";
import { onGone } from "./on-gone.ts";
import { hasNoHead, isGone } from "./response-head.ts";
import { patchResponse } from "./response-methods.ts";

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What a host says of its request if it knows more than the socket does, such as a proxy that it trusts. */
export interface TransportInfo {
  readonly secure?: boolean;
}

/** What a host tells of one request. */
export interface NodeHostOptions {
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** What the request carries for us. */
  readonly state: RequestState;
  /** Default: the socket. */
  readonly transport?: TransportInfo | undefined;
  readonly anonymousOnError: boolean;
  /** The host's own path for the error of a commit. */
  readonly onCommitError: (error: unknown) => void;
  /** Told when the handler looks at the session for the first time. */
  readonly onFirstLook?: ((session: Committer) => void) | undefined;
}

/** A request of `node:http` or its HTTP/2 counterpart, for the hosts that are built on them. */
export class NodeHost implements Host {
  readonly isActivity = true;
  readonly #given: NodeHostOptions;

  constructor(given: NodeHostOptions) {
    this.#given = given;
  }

  /** The session of the request, on a response that is ready to be held. */
  begin(sessions: HostSessions, alias?: object): Begun {
    const { response, state } = this.#given;
    // A WebSocket library may pass an object that is no response: its session can only be read.
    if (!hasNoHead(response)) patchResponse(response);
    return sessions.begin(this, state, alias);
  }

  get anonymousOnError(): boolean {
    return this.#given.anonymousOnError;
  }

  cookieHeader(): string | undefined {
    return this.#given.request.headers.cookie;
  }

  onFirstLook(session: Committer): boolean {
    const { response, onFirstLook } = this.#given;
    onFirstLook?.(session);
    return holdResponse(response, { session, host: this });
  }

  hasSharedHead(): boolean {
    return hasSharedHead(this.#given.response);
  }

  onCommitError(error: unknown): void {
    this.#given.onCommitError(error);
  }

  isInsecure(): boolean {
    const { request, transport } = this.#given;
    const { secure = "encrypted" in request.socket } = transport ?? {};
    return !secure;
  }

  isGone(): boolean {
    return isGone(this.#given.response);
  }

  onGone(told: () => void): void {
    onGone(this.#given.response, told);
  }
}

/** Which request has which exchange. The session that a handler holds finds its methods here. */
import type { IncomingMessage } from "node:http";

/** What `save` and the like do on the session of a request. */
export interface SessionVerbs {
  save(session: object): Promise<void>;
  reload(): Promise<void>;
  destroy(): Promise<void>;
  regenerate(): Promise<void>;
  /** Gives the request a new session at once. The session from before stays in the store. */
  generate(): void;
}

/** A request with what this middleware, and the ones around it, put there. */
export type SessionRequest = IncomingMessage & {
  session?: object | null | undefined;
  sessionID?: string;
  sessionStore?: object;
  readonly originalUrl?: string;
  /** Of cookie-parser: its secret, and the cookies that it has taken out of the header. */
  readonly secret?: string;
  readonly signedCookies?: Readonly<Record<string, unknown>>;
  readonly cookies?: Readonly<Record<string, unknown>>;
  /** Of Express, by its setting `trust proxy`. */
  readonly secure?: boolean;
};

const EXCHANGE = Symbol("sojourn.exchange");

type Carrier = { [EXCHANGE]?: SessionVerbs };

export function exchangeOf(request: object): SessionVerbs | undefined {
  return (request as Carrier)[EXCHANGE];
}

export function setExchange(request: object, exchange: SessionVerbs): void {
  (request as Carrier)[EXCHANGE] = exchange;
}

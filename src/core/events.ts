import { channel } from "node:diagnostics_channel";

/** Why a cookie was not accepted. Published, never thrown. */
export type Refusal =
  | "malformed" // not the shape of our cookies
  | "forged" // sealed, but not by any of our secrets, or changed on the way
  | "unknown-format" // from another version of Sojourn: refused, and never overwritten
  | "unknown" // no such session: it was ended, or never was
  | "schema" // its data does not fit the option `schema`: refused, and never overwritten
  | "unknown-secret" // the handle exists, this secret does not open it
  | "retired" // a secret that was renewed away, after its grace
  | "expired" // past the idle or the absolute deadline
  | "ambiguous" // several cookies of the name, which open different sessions
  | "too-many"; // more cookies of the name than are tried

/** Why a commit stopped and left the stored session as it was. */
export type StopReason =
  | "gone" // ended while the request ran: a late write does not bring it back
  | "expired" // ran out while the request ran
  | "retired" // this request's secret was renewed away
  | "subject-changed" // somebody else is signed in by now
  | "schema" // what another request has stored meanwhile does not fit the option `schema`
  | "unknown-format"; // another version of Sojourn has written it

/** Why a `Set-Cookie` was left out, or may be dropped by the browser. */
export type CookieTrouble =
  | "insecure-transport" // a Secure cookie on what the host believes is plain http
  | "overflow"; // a re-seal that would exceed 4096 bytes was left out

/** What each channel carries. The cookie's name tells sessions of one process apart. */
export interface SessionEvents {
  /** `sojourn:refuse` */
  refuse: { readonly key: string; readonly reason: Refusal };
  /** `sojourn:commit` */
  commit: {
    readonly key: string;
    readonly plan: "create" | "write" | "touch" | "renew" | "drop";
    readonly handle: string | undefined;
  };
  /** `sojourn:stop` */
  stop: { readonly key: string; readonly reason: StopReason; readonly handle: string };
  /** `sojourn:drop-cookie` */
  "drop-cookie": { readonly key: string; readonly reason: CookieTrouble };
  /** `sojourn:sweep-error` */
  "sweep-error": { readonly key: string; readonly error: unknown };
}

const channels = {
  refuse: channel("sojourn:refuse"),
  commit: channel("sojourn:commit"),
  stop: channel("sojourn:stop"),
  "drop-cookie": channel("sojourn:drop-cookie"),
  "sweep-error": channel("sojourn:sweep-error"),
} as const;

/**
 * Publishes on `diagnostics_channel`. Payloads hold no cookie, secret or data; the handle may
 * appear. Costs one comparison when nobody listens.
 */
export function publish<Name extends keyof SessionEvents>(
  name: Name,
  payload: SessionEvents[Name],
): void {
  const to = channels[name];
  if (to.hasSubscribers) to.publish(payload);
}

import type { Keyring } from "../../crypto/keyring.ts";

/** What the option `secret` of a table store means for its parts. Times are milliseconds since the epoch. */
export interface Protection {
  readonly keyring: Keyring;
  /** Whether what is written is sealed. It is false in the first of the two deployments that switch it on. */
  readonly seals: boolean;
  /** Until when rows without a seal, and cookies without an authenticator, are accepted. */
  readonly unsealedUntil: number;
}

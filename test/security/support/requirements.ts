/** The requirements of ASVS 5.0 that concern sessions and their cookies, and the rows that hold them. */
import type { RowId } from "./rows.ts";

export interface Requirement {
  readonly asks: string;
  readonly rows: readonly RowId[];
  /** What is the application's, or does not apply. */
  readonly note?: string;
}

const APPLICATION = "the application's";
const RE_AUTHENTICATION = "the application's: [re-authentication](../guide/re-authentication.md)";

export const REQUIREMENTS: Readonly<Record<string, Requirement>> = {
  "1.2.1": { asks: "output fits its place in a header", rows: ["S27"] },
  "1.2.4": { asks: "queries take parameters", rows: ["S37"] },
  "1.3.9": { asks: "nothing of the client reaches a cache's protocol", rows: ["S37"] },
  "1.5.2": { asks: "deserialization makes only allowed types", rows: ["S26"] },
  "1.5.3": { asks: "parsers agree", rows: ["S10", "S11", "S12"] },
  "3.3.1": {
    asks: "cookies are Secure and named `__Host-` or `__Secure-`",
    rows: ["S8", "S9"],
    note: "the application chooses the name; if it has a prefix, the rules of the prefix are enforced",
  },
  "3.3.2": { asks: "SameSite fits the purpose", rows: ["S8"] },
  "3.3.3": { asks: "`__Host-` unless hosts share the cookie", rows: ["S9"], note: "as 3.3.1" },
  "3.3.4": { asks: "HttpOnly, and the value only in Set-Cookie", rows: ["S8", "S32"] },
  "3.3.5": { asks: "name and value within 4096 bytes", rows: ["S28"] },
  "3.5.1": {
    asks: "requests come from the application itself",
    rows: ["S7", "S8"],
    note: "SameSite is one half; [CSRF](../hosts/csrf.md) has the other",
  },
  "7.1.1": { asks: "idle and absolute lifetime are documented", rows: ["S14", "S15"] },
  "7.1.2": {
    asks: "how many sessions at a time, and what happens beyond the limit",
    rows: ["S19"],
  },
  "7.1.3": { asks: "federated sessions are documented", rows: [], note: APPLICATION },
  "7.2.1": { asks: "tokens are verified in the backend", rows: ["S5", "S22"] },
  "7.2.2": { asks: "tokens are made anew, not fixed keys", rows: ["S1", "S6"] },
  "7.2.3": {
    asks: "reference tokens are unique, 128 bits or more, by a CSPRNG",
    rows: ["S1", "S2"],
  },
  "7.2.4": { asks: "a new token at log-in, and the old one ends", rows: ["S6"] },
  "7.3.1": { asks: "an inactivity timeout", rows: ["S14"] },
  "7.3.2": { asks: "an absolute lifetime", rows: ["S15"] },
  "7.4.1": { asks: "log-out and expiry end the session", rows: ["S17", "S25", "S14"] },
  "7.4.2": { asks: "all sessions end when an account does", rows: ["S18"] },
  "7.4.3": { asks: "the others can be ended after a change of factor", rows: ["S18"] },
  "7.4.4": { asks: "log-out is easy to find", rows: [], note: APPLICATION },
  "7.4.5": { asks: "administrators can end sessions", rows: ["S18"] },
  "7.5.1": {
    asks: "re-authentication before the account changes",
    rows: [],
    note: RE_AUTHENTICATION,
  },
  "7.5.2": { asks: "users see and end their sessions", rows: ["S18"] },
  "7.5.3": {
    asks: "re-authentication before what matters most",
    rows: [],
    note: RE_AUTHENTICATION,
  },
  "7.6.1": { asks: "lifetimes agree with the identity provider's", rows: [], note: APPLICATION },
  "7.6.2": { asks: "no session without an action of the user", rows: ["S31"] },
  "9.1.1": {
    asks: "self-contained tokens are verified before their content is used",
    rows: ["S22"],
  },
  "9.1.2": { asks: "only allowed algorithms, and never none", rows: ["S23"] },
  "9.1.3": { asks: "keys come from the configuration", rows: ["S23", "S24"] },
  "9.2.1": { asks: "a token's validity in time is enforced", rows: ["S25"] },
  "9.2.2": { asks: "a token is of the right type", rows: ["S22"] },
  "9.2.3": { asks: "a token is meant for this service", rows: ["S22"] },
  "9.2.4": { asks: "one key for several audiences names the audience", rows: ["S22"] },
  "11.2.2": { asks: "keys and algorithms can be replaced", rows: ["S24"] },
  "11.2.3": { asks: "128 bits of security or more", rows: ["S1", "S22", "S33"] },
  "11.2.4": { asks: "comparisons in constant time", rows: ["S4"] },
  "11.2.5": { asks: "cryptography fails closed", rows: ["S22"] },
  "11.3.1": {
    asks: "no ECB",
    rows: ["S22"],
    note: "single AES blocks derive the keys of XAES, as C2SP specifies; no message is encrypted in this way",
  },
  "11.3.2": { asks: "approved ciphers and modes", rows: ["S22"] },
  "11.3.3": { asks: "authenticated encryption", rows: ["S22"] },
  "11.3.4": { asks: "nonces are used once", rows: ["S22"] },
  "11.4.1": {
    asks: "approved hashes",
    rows: ["S3"],
    note: "Redis names scripts by SHA-1; it protects nothing there",
  },
  "11.5.1": { asks: "what must not be guessed is 128 random bits or more", rows: ["S1"] },
  "13.3.1": {
    asks: "secrets are kept in a vault",
    rows: ["S33"],
    note: `${APPLICATION}; weak ones are refused`,
  },
  "14.2.1": { asks: "no token in a URL", rows: ["S34"] },
  "14.2.2": { asks: "no shared cache keeps what is private", rows: ["S20"] },
  "14.2.4": { asks: "what is kept is protected as documented", rows: ["S3", "S32"] },
  "14.3.1": { asks: "the browser's data is cleared after the session", rows: ["S21"] },
  "14.3.2": {
    asks: "anti-caching headers, with no-store",
    rows: ["S20"],
    note: "no-store with the option `cacheControl`; without it, the browser keeps pages and asks before it shows them",
  },
  "14.3.3": {
    asks: "browser storage holds no sensitive data",
    rows: ["S22"],
    note: "sealed cookies are encrypted",
  },
  "15.3.6": { asks: "no prototype pollution", rows: ["S26"] },
  "16.2.1": {
    asks: "log entries say when, where, who and what",
    rows: ["S39"],
    note: "the listener adds the time",
  },
  "16.2.5": { asks: "tokens are logged hashed or not at all", rows: ["S32"] },
  "16.3.3": { asks: "attempts to bypass controls are logged", rows: ["S5", "S39"] },
  "16.5.1": { asks: "errors tell the client nothing", rows: ["S32"] },
  "16.5.2": { asks: "the application survives a failing resource", rows: ["S35"] },
  "16.5.3": { asks: "failures do not open", rows: ["S35"] },
};

/** What a session library owes its users, row by row: each is a test of its own, or says why there is none. */
export interface Row {
  /** The law of docs/architecture.md that says so, if one does. */
  readonly law?: string;
  /** What holds, as a sentence that its test can show to be wrong. */
  readonly holds: string;
  /** Where it is asked for. */
  readonly source: string;
  /** Why nothing is tested. */
  readonly left?: string;
}

const CHEAT = "OWASP session cheat sheet";
const COOKIES = "RFC 6265bis";

export const ROWS = {
  S1: {
    law: "L3",
    holds: "a session's token is 256 bits of the system's random source, without structure",
    source: `${CHEAT}, NIST SP 800-63B`,
  },
  S2: {
    holds: "a handle that is taken is never given again, even by a broken random source",
    source: CHEAT,
  },
  S3: {
    law: "L3",
    holds: "the content of a store opens no session, neither as a cookie nor decoded",
    source: "CVE-2019-16782",
  },
  S4: {
    law: "L3",
    holds: "tokens are compared in constant time, and never looked up",
    source: "CVE-2013-0263",
  },
  S5: {
    law: "L1",
    holds: "an id that was not issued here, or has ended, is never adopted",
    source: `${CHEAT}, session fixation`,
  },
  S6: {
    law: "L8",
    holds: "log-in changes the token, and a cookie from before opens nothing of the new session",
    source: CHEAT,
  },
  S7: {
    law: "L9",
    holds: "what a session holds, such as a CSRF token or a second factor, ends with its subject",
    source: "CVE-2022-24895, CVE-2023-29020",
  },
  S8: {
    law: "L19",
    holds: "cookies are Secure, HttpOnly and SameSite by default, and cannot be combined wrongly",
    source: `${CHEAT}, CHIPS`,
  },
  S9: {
    law: "L1",
    holds: "a cookie with a name prefix follows the rules of the prefix, even when it is cleared",
    source: `${COOKIES} 4.1.3`,
  },
  S10: { holds: "no other spelling of a cookie's name reads as the session", source: COOKIES },
  S11: {
    law: "L11",
    holds: "the order of cookies of one name decides nothing",
    source: `${COOKIES} 5.8.3, “Cookie Crumbles” (USENIX Security 2023)`,
  },
  S12: { holds: "several Cookie headers read as one", source: `${COOKIES} 5.8, RFC 9113 8.2.3` },
  S13: { holds: "a response sets the session cookie once at most", source: `${COOKIES} 4.1.1` },
  S14: {
    law: "L12",
    holds: "an idle session ends by the server's clock",
    source: `${CHEAT}, NIST SP 800-63B`,
  },
  S15: {
    law: "L12",
    holds: "a session ends at its absolute deadline, whatever happens to it",
    source: `${CHEAT}, NIST SP 800-63B`,
  },
  S16: {
    law: "L8",
    holds: "a token is renewed at intervals, and this logs nobody out",
    source: `${CHEAT}, renewal timeout`,
  },
  S17: {
    law: "L7",
    holds: "a session that a log-out has ended stays ended",
    source: "CVE-2025-46336",
  },
  S18: {
    law: "L7",
    holds: "a subject's sessions can be ended: one, all, or all but one",
    source: CHEAT,
  },
  S19: { law: "L22", holds: "the number of a subject's sessions is limited", source: CHEAT },
  S20: {
    law: "L16",
    holds: "no shared cache gives one user's answer to another",
    source: "CVE-2023-30861, CVE-2026-27205",
  },
  S21: {
    holds: "log-out may clear the browser's data of the site",
    source: CHEAT,
    left: "Clear-Site-Data concerns the whole site, not one cookie: the application sends it in its response to the log-out",
  },
  S22: {
    law: "L10",
    holds: "a seal opens only for its own purpose, and no two seals are equal",
    source: "C2SP XAES-256-GCM, CVE-2026-39324",
  },
  S23: { law: "L10", holds: "no token chooses its own algorithm", source: "RFC 8725 3.1" },
  S24: {
    law: "L10",
    holds: "secrets can be rotated without a log-out, and removed",
    source: "NIST SP 800-57",
  },
  S25: {
    law: "L7",
    holds: "a sealed cookie expires, and can be revoked",
    source: "CVE-2024-31999",
  },
  S26: {
    law: "L18",
    holds: "stored data is only data: no type, prototype or depth does harm",
    source: "CVE-2020-9484, CVE-2023-26136",
  },
  S27: { law: "L1", holds: "no option puts anything else into a header", source: "CVE-2024-47764" },
  S28: {
    law: "L17",
    holds: "a cookie that browsers would not keep is an error",
    source: `${COOKIES} 5.6, 5.7`,
  },
  S29: {
    holds: "a session in several cookies survives the loss of some",
    source: `${COOKIES} 6.1`,
    left: "a session is one cookie, never several; S28 says what happens if it is too large",
  },
  S30: {
    law: "L22",
    holds: "the client's numbers and sizes cost a bounded amount of work",
    source: "GHSA-q5pr-72pq-83v3",
  },
  S31: {
    law: "L13",
    holds: "nothing is stored for a visitor without a session",
    source: "CVE-2015-5143",
  },
  S32: {
    law: "L21",
    holds: "no secret, token, cookie or data appears in output, events or errors",
    source: "CVE-2023-20866",
  },
  S33: { law: "L10", holds: "a secret that can be guessed is refused", source: "CVE-2023-27524" },
  S34: { holds: "a session comes from its cookie and from nowhere else", source: CHEAT },
  S35: {
    law: "L2",
    holds: "a store that fails opens nothing and logs nobody out",
    source: "fail closed",
  },
  S36: {
    holds: "requests that run at the same time never see each other's session",
    source: "GitHub's incident of 8 March 2021",
  },
  S37: {
    holds: "an id never reaches a file system, a query or a command as syntax",
    source: "CVE-2025-61686, CVE-2020-9484",
  },
  S38: {
    holds: "a stolen cookie is worthless without the device's key",
    source: "W3C device-bound session credentials",
    left: "later: the standard is a draft that one browser ships",
  },
  S39: { holds: "every change in a session's life is one event", source: CHEAT },
} as const satisfies Readonly<Record<string, Row>>;

export type RowId = keyof typeof ROWS;

/** The title of a row's tests: its id, its law, and what holds. */
export function titleOf(id: RowId): string {
  const { law, holds }: Row = ROWS[id];
  return law === undefined ? `${id} ${holds}` : `${id} (${law}) ${holds}`;
}

/** What went wrong elsewhere: each is tried here once more. */
import type { RowId } from "./rows.ts";

export interface Incident {
  /** Other numbers of the same. */
  readonly also?: readonly string[];
  readonly where: string;
  /** What went wrong there. */
  readonly cause: string;
  /** The rows that hold the same in general. */
  readonly rows: readonly RowId[];
  /** Why nothing is tried. */
  readonly left?: string;
}

export const INCIDENTS = {
  "CVE-2019-16782": {
    where: "rack",
    cause: "the id in the cookie is the key in the store",
    rows: ["S3", "S4"],
  },
  "CVE-2019-25025": {
    also: ["redis-session-store #145"],
    where: "activerecord-session_store, redis-session-store",
    cause: "the key in the store is taken as a cookie",
    rows: ["S3"],
  },
  "CVE-2013-0263": { where: "rack", cause: "a MAC is compared byte by byte", rows: ["S4"] },
  "CVE-2016-1000236": { where: "cookie-signature", cause: "the same", rows: ["S4"] },
  "CVE-2025-46336": {
    where: "rack-session",
    cause: "a slow request stores a session again after its log-out",
    rows: ["S17"],
  },
  "CVE-2026-39324": {
    where: "rack-session",
    cause: "a cookie that does not decrypt goes to a decoder without a key",
    rows: ["S22", "S23"],
  },
  "CVE-2019-5420": {
    where: "Rails",
    cause: "a secret for development can be guessed",
    rows: ["S33"],
  },
  "CVE-2017-1000053": { where: "Plug", cause: "reading a cookie creates code", rows: ["S26"] },
  "CVE-2018-1000883": {
    where: "Plug",
    cause: "line breaks in a cookie reach the header",
    rows: ["S27"],
  },
  "CVE-2018-15133": {
    where: "Laravel",
    cause: "a cookie's value is not bound to its name, and is deserialized",
    rows: ["S22", "S26"],
  },
  "CVE-2011-4136": {
    where: "Django",
    cause: "sessions and the application's cache share their keys",
    rows: ["S3"],
  },
  "CVE-2015-3982": {
    where: "Django",
    cause: "a session that was emptied continues under an empty id, shared by all",
    rows: ["S5"],
  },
  "CVE-2015-5143": { where: "Django", cause: "every unknown id makes a row", rows: ["S31"] },
  "CVE-2015-5963": {
    also: ["CVE-2015-5964"],
    where: "Django",
    cause: "every log-out makes a row",
    rows: ["S31"],
  },
  "CVE-2023-30861": {
    where: "Flask",
    cause: "no Vary header if a session is refreshed",
    rows: ["S20"],
  },
  "CVE-2026-27205": {
    where: "Flask",
    cause: "no Vary header if the handler only checks for a key",
    rows: ["S20"],
  },
  "CVE-2023-23934": {
    where: "Werkzeug",
    cause: "a cookie without a name reads as another",
    rows: ["S10"],
  },
  "CVE-2023-27524": {
    where: "Superset",
    cause: "the secret from the documentation is in use",
    rows: ["S33"],
  },
  "CVE-2023-20866": { where: "Spring Session", cause: "the id is printed", rows: ["S32"] },
  "CVE-2023-20862": {
    where: "Spring Security",
    cause: "a log-out empties the session in memory only",
    rows: ["S17"],
  },
  "CVE-2020-9484": {
    where: "Tomcat",
    cause: "an id is a path to a file with objects",
    rows: ["S37", "S26"],
  },
  "CVE-2021-34428": {
    where: "Jetty",
    cause: "a listener that throws keeps the session alive",
    rows: ["S17"],
  },
  "CVE-2018-11385": {
    also: ["CVE-2023-46733"],
    where: "Symfony",
    cause: "one of the ways to log in keeps the id",
    rows: ["S6"],
  },
  "CVE-2022-24895": {
    where: "Symfony",
    cause: "the token from before log-in stays valid",
    rows: ["S7"],
  },
  "CVE-2022-25896": {
    where: "passport",
    cause: "the id stays at log-in and log-out",
    rows: ["S6"],
  },
  "CVE-2023-29019": { where: "@fastify/passport", cause: "the same", rows: ["S6"] },
  "CVE-2023-29020": {
    where: "@fastify/passport",
    cause: "what the session held before log-in stays in it",
    rows: ["S7"],
  },
  "CVE-2023-27495": {
    where: "@fastify/csrf-protection",
    cause: "a cookie that a neighbouring host sets wins",
    rows: ["S11"],
  },
  "CVE-2024-35220": {
    where: "@fastify/session",
    cause: "a deadline starts anew when the session is read",
    rows: ["S14", "S15"],
  },
  "CVE-2024-31999": {
    where: "@fastify/secure-session",
    cause: "a cookie works for ever, also after log-out",
    rows: ["S25"],
  },
  "CVE-2023-48309": {
    where: "next-auth",
    cause: "a token for another purpose is taken as a session",
    rows: ["S22"],
  },
  "GHSA-xg6x-h9c9-2m83": {
    where: "better-auth",
    cause: "a cached session is valid before the second factor",
    rows: ["S6"],
  },
  "GHSA-2vg6-77g8-24mp": {
    where: "better-auth",
    cause: "the sessions of a deleted user live on",
    rows: ["S18"],
  },
  "better-auth, 2025": {
    where: "better-auth",
    cause: "the cookies that a sign-out ends are not verified",
    rows: ["S17"],
  },
  "CVE-2025-61686": { where: "React Router", cause: "an id is a path", rows: ["S37"] },
  "GHSA-q5pr-72pq-83v3": {
    where: "h3",
    cause: "the client decides how many cookies are read",
    rows: ["S30"],
  },
  "CVE-2026-39410": {
    where: "hono",
    cause: "a no-break space before a name is cut off",
    rows: ["S10"],
  },
  "CVE-2024-47764": {
    also: ["CVE-2026-56762", "GHSA-5pq2-9x2x-5p6w"],
    where: "cookie, hono",
    cause: "names, paths and domains are not checked",
    rows: ["S27"],
  },
  "CVE-2026-47675": {
    where: "hono",
    cause: "SameSite and Priority are not checked",
    rows: ["S27"],
  },
  "CVE-2023-26136": { where: "tough-cookie", cause: "__proto__ as a key", rows: ["S26"] },
  "tower-sessions 0.12.1": {
    where: "tower-sessions",
    cause: "an id that is taken overwrites a session, also at renewal",
    rows: ["S2"],
  },
  "GitHub 2021-03-08": {
    where: "github.com",
    cause: "one object serves two requests: A's session is sent to B",
    rows: ["S36"],
  },
} as const satisfies Readonly<Record<string, Incident>>;

export type IncidentId = keyof typeof INCIDENTS;

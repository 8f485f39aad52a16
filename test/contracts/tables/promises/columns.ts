/** The promises of docs/reports/stores.md: for each, by which words the tests that prove it are known. */

export interface Column {
  /** The head of the column. */
  readonly title: string;
  /** What it promises, below the table. */
  readonly promise: string;
  /** A pattern of the full names of the tests that prove it. */
  readonly proof: RegExp;
}

export const COLUMNS = [
  {
    title: "methods",
    promise: "Each method does what the contract of a table says.",
    proof: /each method does what it says/,
  },
  {
    title: "rows",
    promise:
      "Keys and rows come back exactly, up to 1,000,000 bytes or to `maxValue`, whatever their characters.",
    proof: /keys and rows come back exactly/,
  },
  {
    title: "compare-and-set",
    promise: "A write is made on a condition, in one step: of many that meet, one wins.",
    proof: /a write is made on a condition, in one step/,
  },
  {
    title: "every order",
    promise: "Requests of one session lose no update in any order of their calls of the table.",
    proof: /> the requests .* keep the laws in every order|L5: the requests .* in every order/,
  },
  {
    title: "two clients",
    promise: "A second client sees each write as soon as it is done, and overwrites none.",
    proof: /a second handle sees every write, and overwrites none/,
  },
  {
    title: "processes",
    promise: "Several processes make increments at once, and the sum is right.",
    proof: /several processes lose no write/,
  },
  {
    title: "log-out",
    promise: "A log-out wins against requests that write at the same time.",
    proof: /drop removes the row, and a late write, touch, renewal or drop does not bring it back/,
  },
  {
    title: "kill -9",
    promise:
      "A process of the application that is killed has lost no write that was done, and stands in nobody's way.",
    proof: /a killed process loses no write that was done/,
  },
  {
    title: "restart",
    promise: "Rows survive a restart of the application.",
    proof: /rows survive a restart of the application/,
  },
  {
    title: "server killed",
    promise: "If the database is killed and started again, it has lost no acknowledged commit.",
    proof: /a server that is killed in the middle of commits and started again/,
  },
  {
    title: "cut",
    promise:
      "If connections break, before the question or before the answer, each write is made once.",
    proof: /a connection that breaks (?:before|after) |connections that break all the time/,
  },
  {
    title: "silent",
    promise:
      "If the database never answers, that is an error in time, and the application recovers.",
    proof: /a server that takes connections and never answers/,
  },
  {
    title: "failure",
    promise: "A database that fails is an error of every method, and never an empty session.",
    proof: /a database that fails is an error/,
  },
  {
    title: "sent again",
    promise: "A call that arrives twice, or late, is made once.",
    proof: /a call that arrives twice is made once|L6: the inserts of a log-in/,
  },
  {
    title: "no clock",
    promise: "Deadlines go by the application's clock, wherever the database's clock stands.",
    proof: /the table has no clock of its own/,
  },
  {
    title: "timeouts",
    promise: "Idle and absolute timeout end a session.",
    proof: /until its absolute end/,
  },
  {
    title: "getMany",
    promise: "The sessions of a user are read with one call.",
    proof: /getMany reads many rows with one call/,
  },
  {
    title: "sweep",
    promise: "A sweep removes what is dead, and nothing else.",
    proof: /a sweep removes what is dead, and nothing else/,
  },
] as const satisfies readonly Column[];

export type ColumnTitle = (typeof COLUMNS)[number]["title"];

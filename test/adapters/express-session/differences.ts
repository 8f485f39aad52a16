/** Where the drop-in does not do what express-session does. The page for its users has the same list. */
import type { Seen, Visit } from "./programs.ts";

/** What one request showed under both. */
export interface Pair {
  readonly request: Visit;
  readonly theirs: Seen;
  readonly ours: Seen;
}

export interface Difference {
  readonly law: string;
  readonly theirs: string;
  readonly ours: string;
  /** Whether a request may differ by it; absent where no program of the suite meets it. */
  readonly explains?: (pair: Pair) => boolean;
  /** Whether both go on from different states, so that nothing that follows can be compared. */
  readonly parts?: boolean;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    law: "L7",
    theirs: '`destroy` and `unset: "destroy"` leave the cookie in the browser',
    ours: "the answer clears the cookie",
    explains: ({ theirs, ours }) =>
      ours.cookie === "cleared" && same(theirs, { ...ours, cookie: theirs.cookie }),
  },
  {
    law: "L14",
    theirs:
      "a store that fails at the end of a request: the answer leaves all the same, with a cookie that opens nothing",
    ours: "the answer is dropped, and `next(error)` gets the store's error before anything has left",
    explains: ({ request, ours }) => isWrite(request) && ours.status === 500,
    parts: true,
  },
  {
    law: "L2",
    theirs: "`regenerate` goes on with a new session if the old one could not be destroyed",
    ours: "the callback gets the error, and the old session stays as it is",
    explains: ({ request, theirs, ours }) =>
      request.fault === "destroy" && theirs.status === 500 && ours.status === 500,
    parts: true,
  },
  {
    law: "L2",
    theirs:
      "a store that says `disconnect`: the request goes on without `req.session`, so that everybody is signed out",
    ours: '`next(error)`; with `onStoreError: "anonymous"` as before',
  },
  {
    law: "L18",
    theirs:
      "`save`, then another `maxAge` or a `delete`, in the request that makes the session: the `maxAge` is lost, or the row has no cookie",
    ours: "the session is stored as it is at the end, and gets its cookie",
    explains: ({ request }) => {
      const saved = request.steps.findIndex((step) => step.do === "save");
      const later = saved === -1 ? [] : request.steps.slice(saved);
      return later.some((step) => step.do === "maxAge" || step.do === "delete");
    },
    parts: true,
  },
  {
    law: "L2",
    theirs: 'with `unset: "destroy"`, a request whose session cannot be read ends that session',
    ours: "the session stays",
    explains: ({ request, theirs, ours }) =>
      request.fault === "get" && theirs.status === 500 && ours.status === 500,
    parts: true,
  },
  {
    law: "L13",
    theirs:
      "`save` of a new session in which nobody has put anything stores a row that no browser can open",
    ours: "it stores nothing, unless `saveUninitialized` is on",
    explains: ({ request, theirs, ours }) =>
      request.fault === "set" && theirs.status === 500 && ours.status === 200,
    parts: true,
  },
  {
    law: "L2",
    theirs: "a store that does not answer holds the request for ever",
    ours: "after two seconds it is an error",
  },
  {
    law: "L2",
    theirs: "an error of `store.touch` goes to `next`, when the answer is already on its way",
    ours: "it is the event `sojourn:touch-error`",
  },
  {
    law: "L5",
    theirs: "the last of two requests writes its whole session over the other's",
    ours: "two requests merge, key by key; a write or a touch reads the row once more, and fails if that fails",
    explains: ({ request }) =>
      request.fault === "get" && request.steps.some((step) => /save|reload/.test(step.do)),
    parts: true,
  },
  {
    law: "L7",
    theirs: "a request that was slower than a log-out brings the session back",
    ours: "it changes nothing, and each change is the event `sojourn:stop`; a log-in in it begins a new session",
  },
  {
    law: "L11",
    theirs: "of two cookies of the name, the first one counts",
    ours: "if they open two sessions, none counts; `regenerate` and `destroy` end both",
  },
  {
    law: "L14",
    theirs: "`save` of a new session after the head stores a row that no browser can open",
    ours: "it is `ERR_SESSION_COMMITTED`",
  },
  {
    law: "L14",
    theirs:
      "what a handler changes between the first byte and `end` is stored before `end`; what it changes later is lost",
    ours: "both are stored when the answer has left, if the session was stored before",
  },
  {
    law: "L16",
    theirs: "a page that shows a session may be kept by a shared cache",
    ours: "the answer says `Vary: Cookie`, and `private, no-cache` unless the handler says something else; with a new cookie `no-store`",
  },
  {
    law: "L18",
    theirs: "a value that JSON cannot keep, such as a BigInt, leaves the request without an answer",
    ours: "it is `ERR_SESSION_NOT_SERIALIZABLE`",
  },
  {
    law: "L1",
    theirs: "an option that is misspelled is ignored",
    ours: "it is ignored, and one warning names it",
  },
];

function isWrite({ fault }: Visit): boolean {
  return fault === "set" || fault === "destroy";
}

function same(a: Seen, b: Seen): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The list as the page for users of express-session shows it. */
export function differenceTable(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const rows = DIFFERENCES.map(
    ({ law, theirs, ours }) => `| ${law} | ${cell(theirs)} | ${cell(ours)} |`,
  );
  return ["| law | express-session | the drop-in |", "|---|---|---|", ...rows].join("\n");
}

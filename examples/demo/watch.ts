/**
 * Looks over the sessions' shoulder, so that the page can show what usually stays inside: what was loaded,
 * and what each commit did. An application needs none of this file.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type {
  Committal,
  Refused,
  SessionEvents,
  SessionRecord,
  SessionStore,
  StoredSession,
} from "sojourn";

/** What one request did to its session. */
export interface Step {
  /** Such as `POST /table/count`. */
  readonly request: string;
  readonly at: Date;
  /** What was loaded; `undefined` where there was no session. */
  record: SessionRecord | undefined;
  /** Why the cookie opened nothing. */
  refused: string | undefined;
  /** What the commit did, in words. */
  readonly events: string[];
  /** The Set-Cookie header that left with the response. */
  readonly sent: string | undefined;
}

const steps = new AsyncLocalStorage<Step>();

/** Runs `task` as the request called `request`. */
export function takeStep(request: string, task: (step: Step) => void): void {
  const step: Step = {
    request,
    at: new Date(),
    record: undefined,
    refused: undefined,
    events: [],
    sent: undefined,
  };
  steps.run(step, task, step);
}

/** What the request at hand has done so far. */
export function currentStep(): Step | undefined {
  return steps.getStore();
}

/** The same store, but the times of what it loads are seen. */
export function watch(store: SessionStore): SessionStore {
  return {
    setup(context) {
      const backend = store.setup(context);
      return {
        immediate: backend.immediate,
        subjects: backend.subjects,
        create: (change) => backend.create(change),
        load(cookie) {
          const found = backend.load(cookie);
          if ("then" in Object(found)) {
            return Promise.resolve(found).then((each) => see(each));
          }
          return see(found as StoredSession | Refused);
        },
      };
    },
  };
}

function see(found: StoredSession | Refused): StoredSession | Refused {
  const step = currentStep();
  if (step && "record" in found) step.record = found.record;
  return found;
}

const COMMITS: Readonly<Record<Committal, string>> = {
  create: "started a session",
  write: "wrote the changes",
  touch: "moved the deadline",
};

/** Notes what Sojourn publishes. Payloads hold no cookie and no data, so they are fit for any log. */
export function noteEvents(): void {
  on("commit", ({ reason }, { events }) => events.push(COMMITS[reason]));
  on("renew", ({ reason }, { events }) => events.push(`changed the token (${reason})`));
  on("retire", (_, { events }) => events.push("retired the old token"));
  on("drop", (_, { events }) => events.push("ended the session"));
  on("revoke", ({ reason }, { events }) => events.push(`revoked a session (${reason})`));
  on("stop", ({ reason }, { events }) => events.push(`changed nothing (${reason})`));
  on("drop-cookie", ({ reason }, { events }) => events.push(`cookie in doubt (${reason})`));
  on("refuse", ({ reason }, step) => noteRefusal(reason, step));
  on("expire", ({ reason }, step) => noteRefusal(`expired: ${reason}`, step));
}

function noteRefusal(reason: string, step: Step): void {
  step.refused = reason;
  step.events.push(`refused the cookie (${reason})`);
}

function on<Name extends keyof SessionEvents>(
  name: Name,
  note: (event: SessionEvents[Name], step: Step) => void,
): void {
  subscribe(`sojourn:${name}`, (event) => {
    const step = currentStep();
    if (step) note(event as SessionEvents[Name], step);
  });
}

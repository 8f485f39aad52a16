/**
 * Listens to Sojourn's events, so that the page can show what each commit did. An application needs none of this file.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { SessionEvents } from "sojourn";

/** What one request did to its session. */
export interface Step {
  /** Such as `POST /table/count`. */
  readonly request: string;
  readonly at: Date;
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

/** When this process saw a session start, by its handle. */
const starts = new Map<string, Date>();
const MOST_STARTS = 10_000;

/** When a session started; `undefined` if that was before this process did. */
export function startOf(handle: string): Date | undefined {
  return starts.get(handle);
}

function noteStart(handle: string): void {
  if (starts.size >= MOST_STARTS) starts.clear();
  starts.set(handle, new Date());
}

const COMMITS: Readonly<Record<SessionEvents["commit"]["reason"], string>> = {
  create: "started a session",
  write: "wrote the changes",
  touch: "moved the deadline",
};

/** Notes what Sojourn publishes. Payloads hold no cookie and no data, so they are fit for any log. */
export function noteEvents(): void {
  on("commit", ({ reason, handle }, { events }) => {
    events.push(COMMITS[reason]);
    if (reason === "create" && handle !== undefined) noteStart(handle);
  });
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

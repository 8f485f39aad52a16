import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import type { SessionEvents } from "../../src/core/events.ts";
import { EVENTS_BESIDE_FETCH } from "./event-names.ts";

/** An event as it was published. */
export type SessionEvent = {
  [Name in keyof SessionEvents]: { readonly name: Name } & SessionEvents[Name];
}[keyof SessionEvents];

/** Lists of those who listen. Parallel requests each hear only what they have caused. */
const listening = new AsyncLocalStorage<SessionEvent[]>();

/** Held for as long as this module: Bun forgets a channel that nobody holds, with its listeners. */
export const channels: readonly unknown[] = EVENTS_BESIDE_FETCH.map((name) => {
  const events = channel(`sojourn:${name}`);
  events.subscribe((payload) => {
    listening.getStore()?.push({ name, ...(payload as object) } as SessionEvent);
  });
  return events;
});

/** Runs a task and adds the events that it causes, now or later, to `events`. */
export function hear<T>(events: SessionEvent[], task: () => T): T {
  return listening.run(events, task);
}

/** The reasons of the cookies that opened nothing, among some events. */
export function refusals(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.name === "expire") return ["expired"];
    return event.name === "refuse" ? [event.reason] : [];
  });
}

/** The reasons why commits stopped, among some events. */
export function stops(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event) => (event.name === "stop" ? [event.reason] : []));
}

/** Why requests ended their sessions, among some events. */
export function drops(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event) => (event.name === "drop" ? [event.reason] : []));
}

/** What commits did, among some events. */
export function commits(events: readonly SessionEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.name === "commit") return [event.reason];
    return event.name === "renew" || event.name === "drop" ? [event.name] : [];
  });
}

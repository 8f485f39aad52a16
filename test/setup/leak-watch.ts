/**
 * Runs in every test file: hears the console, the process's own output and warnings, the payload of every event
 * and every SessionError that is made, and fails the file when one of its secrets is among it.
 */
import { subscribe } from "node:diagnostics_channel";
import { format, inspect } from "node:util";
import { afterAll, expect } from "vitest";
import { SessionError } from "../../src/core/errors.ts";
import { EVENT_NAMES } from "../support/event-names.ts";
import { leaks } from "../support/leaks.ts";

const shown = (value: unknown): string => inspect(value, { depth: 8, maxStringLength: null });

for (const name of ["debug", "dir", "error", "info", "log", "table", "trace", "warn"] as const) {
  // oxlint-disable-next-line no-console -- what is said there is to be heard
  const say = console[name].bind(console) as (...said: unknown[]) => void;
  // oxlint-disable-next-line no-console -- the same
  console[name] = (...said: unknown[]): void => {
    leaks.hear(`console.${name}`, format(...said));
    say(...said);
  };
}

for (const stream of ["stdout", "stderr"] as const) {
  const write = process[stream].write.bind(process[stream]) as (...args: unknown[]) => boolean;
  process[stream].write = (...args: unknown[]): boolean => {
    leaks.hear(`process.${stream}`, String(args[0]));
    return write(...args);
  };
}

process.on("warning", (warning) => leaks.hear("a warning", shown(warning)));

for (const name of EVENT_NAMES) {
  subscribe(`sojourn:${name}`, (payload) => {
    // Handles are public, and every session has another one.
    leaks.hear(`event sojourn:${name}`, shown(payload).replaceAll(/'[\w-]{22}'/g, "a handle"));
  });
}

// The constructor gives each error its name, when message and cause are there already.
Object.defineProperty(SessionError.prototype, "name", {
  set(this: SessionError, value: string) {
    Object.defineProperty(this, "name", { value, writable: true, configurable: true });
    leaks.hear("a SessionError", this.message);
    if (this.cause !== undefined) leaks.hear("the cause of a SessionError", shown(this.cause));
  },
});

afterAll(() => {
  expect(leaks.found(), "secrets that this file has said").toEqual([]);
}, 60_000);

import { now } from "../clock.ts";
import { CONFIG, loadSessions } from "../config.ts";
import { WrongCall } from "../command.ts";
import type { Command } from "../command.ts";
import { NUMBER, subjectOf } from "./subject.ts";

export const revoke: Command = {
  name: "revoke",
  forms: [
    ["<subject>", "ends all sessions of a subject"],
    ["<subject> --session <handle>", "ends one of them"],
    ["--before <date>", "ends all sessions that were signed in before a moment, of everybody"],
  ],
  options: {
    ...CONFIG,
    ...NUMBER,
    session: { type: "string", value: "handle", help: "the session, as list prints it" },
    before: { type: "string", value: "date", help: "such as 2026-11-28T19:00:00Z, or now" },
  },
  async run(call) {
    const [before, handle] = [call.text("before"), call.text("session")];
    if (before !== undefined) {
      if (call.positionals.length > 0 || handle !== undefined) {
        throw new WrongCall(
          "--before ends the sessions of everybody: name no subject and no session",
        );
      }
      const date = readDate(before);
      await (await loadSessions(call)).revokeBefore(date);
      const json = { before: date.toISOString() };
      return { text: `ended all sessions from before ${json.before}\n`, json };
    }
    const subject = subjectOf(call, "revoke");
    const sessions = await loadSessions(call);
    if (handle === undefined) {
      await sessions.revoke(subject);
      return { text: `ended all sessions of ${subject}\n`, json: { subject } };
    }
    await sessions.revokeOne(subject, handle);
    return { text: `ended ${handle} of ${subject}\n`, json: { subject, handle } };
  },
};

/** Reads a moment. A date without a time zone would mean another moment on each machine. */
function readDate(text: string): Date {
  const date = text === "now" ? new Date(now()) : new Date(text);
  const hasZone = text === "now" || /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  if (hasZone && !Number.isNaN(date.getTime())) return date;
  throw new WrongCall(
    `--before takes "now" or a moment with its time zone, such as 2026-11-28T19:00:00Z, got ${text}`,
  );
}

import { CONFIG, loadSessions } from "../config.ts";
import { WrongCall } from "../command.ts";
import type { Command } from "../command.ts";
import { columns } from "../help.ts";
import { NUMBER, subjectOf } from "./subject.ts";

export const list: Command = {
  name: "list",
  forms: [["<subject>", "lists the sessions of a subject, the newest first"]],
  options: {
    ...CONFIG,
    ...NUMBER,
    limit: { type: "string", value: "count", help: "the most that it lists; default 100" },
  },
  async run(call) {
    const subject = subjectOf(call, "list");
    const limit = call.text("limit");
    if (limit !== undefined && !/^[1-9]\d*$/.test(limit)) {
      throw new WrongCall(`--limit takes a whole number above 0, got ${limit}`);
    }
    const sessions = await loadSessions(call);
    const listed = await sessions.list(subject, limit ? { limit: Number(limit) } : {});
    const json = listed.map(({ handle, createdAt, signedInAt, lastSeenAt }) => ({
      handle,
      createdAt,
      signedInAt,
      lastSeenAt,
    }));
    const lines = json.map(({ handle, ...times }) => [
      handle,
      ...Object.values(times).map((time) => time.toISOString()),
    ]);
    const head = ["handle", "created", "signed in", "last seen"];
    return { text: lines.length > 0 ? columns([head, ...lines], "") : "no sessions\n", json };
  },
};

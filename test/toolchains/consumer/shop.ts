/** An application, in the words that every toolchain takes: what becomes of `import` is the toolchain's business. */
import express from "express";
import { createSessions, createTable, tableStore } from "sojourn";
import { session } from "sojourn/express";

interface Data {
  readonly user: string;
  readonly since: Date;
  readonly seen: Set<string>;
  readonly bytes: Uint8Array;
}

export const sessions = createSessions<Data>({
  store: tableStore({ table: createTable() }),
  key: "__Host-session",
});

export const app = express();
app.use(session(sessions));
app.get("/", (req, res) => {
  const { user, since, seen, bytes } = sessions.getSession(req);
  res.json([user, since instanceof Date, seen instanceof Set, bytes instanceof Uint8Array]);
});
app.post("/see/:page", (req, res) => {
  sessions.updateSession(req, "seen", (seen = new Set()) => new Set([...seen, req.params.page]));
  res.status(204).end();
});

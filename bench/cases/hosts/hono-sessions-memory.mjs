import { MemoryStore } from "hono-sessions";
import { useHonoSessions } from "../../hosts/hono-sessions.mjs";
import { onHono } from "../../hosts/hono.mjs";

// Without the `encryptionKey` that its README recommends here too: that would cost what the cookie costs.
export const bench = onHono({
  name: "hono-sessions, memory",
  role: "peer",
  keeps: "table",
  build: (app) => useHonoSessions(app, { store: new MemoryStore() }),
});

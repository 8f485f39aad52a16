// A process of an application that adopts the sessions of iron-session: node adopting-child.mjs <table's folder>
import { createServer } from "node:http";
import { ironSession } from "../../dist/readers/index.js";
import { session } from "../../dist/adapters/node.js";
import { createSessions, tableStore } from "../../dist/index.js";
import { lmdbTable } from "../../dist/tables/lmdb.js";

const { ADOPT_SECRET: secret, OLD_PASSWORD: password } = process.env;
const sessions = createSessions({
  store: tableStore({ table: lmdbTable({ path: process.argv[2] ?? "" }) }),
  key: "__Host-session",
  subject: "user",
  adopt: {
    secret,
    until: new Date(Date.now() + 3_600_000),
    from: [ironSession({ name: "sid", password })],
  },
});

const server = createServer(
  session(sessions, (req, res) => {
    const user = sessions.getSession(req, "user");
    const key = (req.url ?? "").slice(1);
    if (key === "out") sessions.dropSession(req);
    else if (user !== undefined && key !== "") sessions.putSession(req, key, 1);
    res.end(JSON.stringify(sessions.getSession(req)));
  }),
);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.send?.(address?.port);
});
process.on("disconnect", () => process.exit());

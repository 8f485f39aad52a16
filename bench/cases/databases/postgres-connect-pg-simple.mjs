import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import { onNode, useExpressSession } from "../../hosts/node.mjs";
import { SECRET } from "../../shared/answers.mjs";
import { postgresPool } from "../../shared/database-clients.mjs";

const PgStore = connectPgSimple(session);

export const bench = onNode({
  name: "express-session, connect-pg-simple",
  role: "peer",
  keeps: "table",
  async listener() {
    const store = new PgStore({ pool: postgresPool(), createTableIfMissing: true });
    return useExpressSession(
      session({ store, secret: SECRET, resave: false, saveUninitialized: false }),
    );
  },
});

// SESSIONS=express-session|sojourn|table DATABASE_URL=postgres://... SESSION_SECRET=... node main.js
"use strict";
const pg = require("pg");
const createApp = require("./app.js");

const { SESSIONS = "sojourn", DATABASE_URL, SESSION_SECRET: secret, PORT = "3000" } = process.env;
const createSession = require(`./sessions/${SESSIONS}.js`);

async function main() {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5 });
  const session = await createSession({ pool, secret });
  const server = createApp(session).listen(Number(PORT), () => {
    console.log(`the shop listens on http://localhost:${server.address().port}`);
  });
  process.once("SIGTERM", () => {
    server.close(() => void pool.end());
    server.closeIdleConnections();
  });
}

void main();

// The last step: rows of Sojourn, where no parallel request loses a write and a log-out wins. Each user who comes with a cookie
// of before is taken over, still signed in.
"use strict";
const { tableStore } = require("sojourn");
const { expressSession } = require("sojourn/adopt");
const session = require("sojourn/express-session");
const { postgresTable } = require("sojourn/postgres");
const ConnectPg = require("connect-pg-simple")(session);

module.exports = async ({ pool, secret }) => {
  const table = postgresTable(pool);
  await table.migrate();
  const { ADOPT_SECRET, ADOPT_UNTIL, STORE_TIMEOUT = "2" } = process.env;
  return session({
    store: tableStore({ table, timeout: Number(STORE_TIMEOUT) }),
    name: "session", // Not the name of before, by which the cookies of before are found.
    adopt: {
      secret: ADOPT_SECRET,
      until: new Date(ADOPT_UNTIL),
      from: [expressSession({ secret, store: new ConnectPg({ pool }) })],
    },
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 7 * 24 * 60 * 60 * 1000, sameSite: "lax" },
  });
};

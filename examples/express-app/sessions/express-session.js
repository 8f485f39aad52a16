// How the shop has its sessions before the move.
"use strict";
const session = require("express-session");
const ConnectPg = require("connect-pg-simple")(session);

module.exports = ({ pool, secret }) =>
  session({
    store: new ConnectPg({ pool, createTableIfMissing: true }),
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 7 * 24 * 60 * 60 * 1000, sameSite: "lax" },
  });

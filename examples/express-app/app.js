// A shop as many are: Passport signs users in, connect-flash tells them something once, csurf checks the forms.
"use strict";
const { randomBytes, scryptSync, timingSafeEqual } = require("node:crypto");
const express = require("express");
const csurf = require("csurf");
const flash = require("connect-flash");
const { Passport } = require("passport");
const { Strategy } = require("passport-local");

// One password for all users: this is no example of how to keep passwords.
const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32, { N: 1024 });
const hash = hashOf(process.env.PASSWORD ?? "open sesame");

const passport = new Passport();
passport.use(
  new Strategy((username, password, done) => {
    const isRight = timingSafeEqual(hashOf(password), hash);
    done(null, isRight ? { id: username } : false, { message: "The password is wrong." });
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, { id }));

/** @param {express.RequestHandler} session */
module.exports = function createApp(session) {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.urlencoded({ extended: false }));
  app.use(session);
  app.use(flash());
  app.use(passport.session());
  app.use(csurf());

  app.get("/", (req, res) => {
    const { cart = [] } = req.session;
    const field = `<input type="hidden" name="_csrf" value="${req.csrfToken()}">`;
    const messages = req.flash("error").concat(req.flash("info"));
    const form = req.user
      ? `<p>You are <b id="user">${escape(req.user.id)}</b>.
         <form method="post" action="/cart">${field}<input name="item"><button>Add</button></form>
         <form method="post" action="/logout">${field}<button>Log out</button></form>`
      : `<form method="post" action="/login">${field}
         <input name="username"><input name="password" type="password"><button>Log in</button></form>`;
    res.send(`<!doctype html><title>Shop</title>
      <ul id="messages">${messages.map((each) => `<li>${escape(each)}</li>`).join("")}</ul>
      ${form}<ul id="cart">${cart.map((each) => `<li>${escape(each)}</li>`).join("")}</ul>`);
  });

  app.post(
    "/login",
    passport.authenticate("local", {
      successRedirect: "/",
      failureRedirect: "/",
      failureFlash: true,
      keepSessionInfo: true,
    }),
  );

  app.post("/cart", (req, res) => {
    const { item } = req.body;
    (req.session.cart ??= []).push(String(item));
    req.flash("info", `${item} is in the cart.`);
    res.redirect("/");
  });

  app.post("/logout", (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.redirect("/")));
  });

  return app;
};

function escape(text) {
  return text.replaceAll(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

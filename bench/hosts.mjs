// What all cases of one host share, so that a case file holds only what differs.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";

/**
 * One server to measure. Its routes:
 *
 * - `POST /login` puts `user_id` into the session
 * - `GET /read` reads it and answers {@link greet} of it
 * - `GET /write` adds one to `count` and answers {@link counted} of it
 * - `GET /untouched` answers without a look at the session; it is the same for all cases of a host
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {"bare" | "empty" | "sojourn" | "peer"} role
 * @property {"cookie" | "table"} [keeps] where the session's data is
 * @property {() => import("node:http").Server} create the server, not yet listening
 */

/**
 * @template App
 * @typedef {Omit<Case, "create"> & { build: (app: App) => void }} Building
 */

export const USER = "s23fa3aefvtwerg";

/** A fresh secret for each server: 43 characters. */
export const SECRET = randomBytes(32).toString("base64url");

/**
 * The answer of `/read`.
 * @param {unknown} user
 */
export const greet = (user) => (user ? `hello ${user}` : "nobody");

/**
 * The answer of `/write`.
 * @param {unknown} count
 */
export const counted = (count) => `count ${count}`;

/**
 * @param {Building<import("express").Express>} building
 * @returns {Case}
 */
export function onExpress({ build, ...about }) {
  const create = () => {
    const app = express();
    build(app);
    app.get("/untouched", (_req, res) => res.send("untouched"));
    return createServer(app);
  };
  return { ...about, create };
}

/**
 * @param {Building<import("hono").Hono>} building
 * @returns {Case}
 */
export function onHono({ build, ...about }) {
  const create = () => {
    const app = new Hono();
    build(app);
    app.get("/untouched", (c) => c.text("untouched"));
    return createAdaptorServer({ fetch: app.fetch });
  };
  return { ...about, create };
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {import("express").Express} app
 */
export function answerOnExpress(app) {
  app.post("/login", (_req, res) => res.send("ok"));
  app.get("/read", (_req, res) => res.send(greet(USER)));
  app.get("/write", (_req, res) => res.send(counted(1)));
}

/** @param {import("hono").Hono} app */
export function answerOnHono(app) {
  app.post("/login", (c) => c.text("ok"));
  app.get("/read", (c) => c.text(greet(USER)));
  app.get("/write", (c) => c.text(counted(1)));
}

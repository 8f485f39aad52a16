// What is asked of each server: the same in every part of the benchmark.
import { USER, counted, greet } from "./answers.mjs";

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {string} path
 * @property {boolean} signedIn whether the request carries the cookie of a user who has logged in
 * @property {string} expected a pattern that every answer matches
 */

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    name: "read",
    title: "A signed-in request that reads one key",
    path: "/read",
    signedIn: true,
    expected: `^${greet(USER)}$`,
  },
  {
    name: "write",
    title: "A signed-in request that writes one key",
    path: "/write",
    signedIn: true,
    expected: `^${counted("\\d+")}$`,
  },
  {
    name: "untouched",
    title: "A signed-in request that does not touch its session",
    path: "/untouched",
    signedIn: true,
    expected: "^untouched$",
  },
  {
    name: "visitor",
    title: "A request without a cookie, whose handler asks for the user",
    path: "/read",
    signedIn: false,
    // Without sessions, everybody is the user.
    expected: `^(?:${greet(undefined)}|${greet(USER)})$`,
  },
  {
    name: "unknown",
    title: "A request without a cookie that does not touch its session",
    path: "/untouched",
    signedIn: false,
    expected: "^untouched$",
  },
];

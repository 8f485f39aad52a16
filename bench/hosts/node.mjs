// A plain listener of `node:http`: the least host, so that a table's cost shows.
import { createServer } from "node:http";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @typedef {import("node:http").IncomingMessage & { session?: any }} Request
 * @typedef {import("node:http").ServerResponse} Response
 * @typedef {(req: Request, res: Response) => void} Listener
 * @typedef {Record<"login" | "read" | "write" | "same", Listener>} Pages `same` puts what is there already
 */

/**
 * @param {Omit<import("../shared/answers.mjs").Case, "create"> & { listener: () => Promise<Listener> }} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onNode({ listener, ...about }) {
  return { ...about, create: async () => createServer(await listener()) };
}

/**
 * A listener that chooses by path.
 * @param {Pages} pages
 * @returns {Listener}
 */
export function route({ login, read, write, same }) {
  return (req, res) => {
    switch (req.url) {
      case "/login":
        return login(req, res);
      case "/read":
        return read(req, res);
      case "/write":
        return write(req, res);
      case "/same":
        return same(req, res);
      default:
        res.end("untouched");
    }
  };
}

/**
 * The pages without sessions: the same answers, for nothing.
 * @type {Pages}
 */
export const answer = {
  login: (_req, res) => void res.end("ok"),
  read: (_req, res) => void res.end(greet(USER)),
  write: (_req, res) => void res.end(counted(1)),
  same: (_req, res) => void res.end("same"),
};

/** @type {typeof import("../../src/adapters/node.ts")} */
const { session } = await load("adapters/node");

/**
 * The pages by Sojourn.
 * @param {import("../../src/index.ts").SessionStore} store
 * @returns {Listener}
 */
export function useSojourn(store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  const pages = route({
    login(req, res) {
      renewSession(req);
      for (const [key, value] of Object.entries(DATA)) putSession(req, key, value);
      res.end("ok");
    },
    read: (req, res) => void res.end(greet(getSession(req, "user_id"))),
    write(req, res) {
      updateSession(req, "count", addOne);
      res.end(counted(getSession(req, "count")));
    },
    same(req, res) {
      putSession(req, "user_id", USER);
      res.end("same");
    },
  });
  return session(sessions, pages);
}

/**
 * The pages by express-session, which needs no Express.
 * @param {(req: Request, res: Response, next: (error?: unknown) => void) => void} middleware
 * @returns {Listener}
 */
export function useExpressSession(middleware) {
  const pages = route({
    login(req, res) {
      Object.assign(req.session, DATA);
      res.end("ok");
    },
    read: (req, res) => void res.end(greet(req.session.user_id)),
    write(req, res) {
      req.session.count = (req.session.count ?? 0) + 1;
      res.end(counted(req.session.count));
    },
    same(req, res) {
      req.session.user_id = USER;
      res.end("same");
    },
  });
  return (req, res) =>
    middleware(req, res, (error) => {
      if (error) throw new Error("express-session has failed", { cause: error });
      pages(req, res);
    });
}

/** The libraries that applications come from, each in a real server as its users write it, and the reader of its sessions. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RequestListener } from "node:http";
import express from "express";
import expressSessionMiddleware from "express-session";
import fastify from "fastify";
import Koa from "koa";
import type { SessionReader } from "../../src/core/cookie/old-session.ts";
import * as readers from "../../src/readers/index.ts";
import { confide } from "../support/leaks.ts";
import { load } from "../tools/load.mjs";

/** A server of the old library, with the routes `/in`, which signs alice in, and `/me`. */
export interface OldServer {
  readonly base: string;
  close(): Promise<unknown>;
}

/** A library, and the reader of its sessions. */
export interface Library {
  readonly name: string;
  /** Whether its cookie is unique by itself, so that requests at once share one session. */
  readonly isUnique: boolean;
  /** The names of the cookies that it sets. */
  readonly cookies: readonly string[];
  readonly reader: SessionReader;
  /** What it keeps, for what one user has put; the reader gives the same. */
  readonly start: () => Promise<OldServer>;
}

export const OLD: string = confide("the-old-Secret-9f2c81d7b4e60a35-of-the-tests");
const KEY = Buffer.from("2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe", "hex");

/** Starts a listener on a free port. */
export async function listen(listener: RequestListener): Promise<OldServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

// Packages of test/tools come without types here: each is used as its documentation shows.
// oxlint-disable-next-line typescript/no-explicit-any
type Package = any;

// oxlint-disable-next-line typescript/no-unsafe-return
const get = async (name: string): Promise<Package> => load(name);

const DATA = { user: "alice", cart: ["apple"] };

function expressLibrary(): Library {
  const store = new expressSessionMiddleware.MemoryStore();
  return {
    name: "express-session",
    isUnique: true,
    cookies: ["connect.sid"],
    reader: readers.expressSession({ secret: OLD, store }),
    async start() {
      const options = { secret: OLD, store, resave: false, saveUninitialized: false };
      const app = express().use(expressSessionMiddleware(options));
      app.get("/in", (req, res) => {
        Object.assign(req.session, DATA);
        res.end();
      });
      app.get("/me", (req, res) => {
        res.json((req.session as Package).user ?? null);
      });
      return listen(app);
    },
  };
}

function cookieSessionLibrary(): Library {
  return {
    name: "cookie-session",
    isUnique: false,
    cookies: ["session", "session.sig"],
    reader: readers.cookieSession({ keys: ["another", OLD] }),
    async start() {
      const { default: cookieSession } = await get("cookie-session");
      const app = express().use(cookieSession({ name: "session", keys: [OLD] }));
      app.get("/in", (req, res) => {
        Object.assign((req as Package).session, DATA);
        res.end();
      });
      return listen(app);
    },
  };
}

function ironLibrary(name: string, packageName: string, chunk: boolean): Library {
  const ids = chunk ? [0, 1] : [];
  return {
    name,
    isUnique: true,
    cookies: chunk ? ids.map((id) => `iron.${id}`) : ["iron"],
    reader: readers.ironSession({ name: "iron", password: { 1: "x".repeat(32), 2: OLD } }),
    async start() {
      const { getIronSession } = await get(packageName);
      const password = { 1: "x".repeat(32), 2: OLD };
      const options = { cookieName: "iron", password, chunk, cookieOptions: { secure: false } };
      const app = express();
      app.get("/in", async (req, res) => {
        const session = await getIronSession(req, res, options);
        Object.assign(session, DATA, chunk ? { padding: "p".repeat(4000) } : {});
        await session.save();
        res.end();
      });
      return listen(app);
    },
  };
}

function fastifySessionLibrary(): Library {
  const store = new expressSessionMiddleware.MemoryStore();
  return {
    name: "@fastify/session",
    isUnique: true,
    cookies: ["sessionId"],
    reader: readers.fastifySession({ secret: OLD, store }),
    async start() {
      const app = fastify();
      await app.register((await get("@fastify/cookie")).default);
      const plugin: Package = (await get("@fastify/session")).default;
      await app.register(plugin, { secret: OLD, store, cookie: { secure: false } });
      app.get("/in", async (request) => {
        Object.assign((request as Package).session, DATA);
        return "";
      });
      return {
        base: await app.listen({ port: 0, host: "127.0.0.1" }),
        close: async () => app.close(),
      };
    },
  };
}

function secureSessionLibrary(): Library {
  let open: readers.OpenSecretbox | undefined;
  return {
    name: "@fastify/secure-session",
    isUnique: true,
    cookies: ["session"],
    reader: readers.fastifySecureSession({
      key: [Buffer.alloc(32, 5), KEY],
      open: (box, nonce, key) => open?.(box, nonce, key),
    }),
    async start() {
      const { xsalsa20poly1305 } = await get("@noble/ciphers/salsa.js");
      open = (box, nonce, key) => xsalsa20poly1305(key, nonce).decrypt(box);
      const app = fastify();
      const plugin: Package = (await get("@fastify/secure-session")).default;
      await app.register(plugin, { key: KEY, cookie: { path: "/" } });
      app.get("/in", async (request) => {
        const { session } = request as Package;
        for (const [key, value] of Object.entries(DATA)) session.set(key, value);
        return "";
      });
      return {
        base: await app.listen({ port: 0, host: "127.0.0.1" }),
        close: async () => app.close(),
      };
    },
  };
}

function koaLibrary(): Library {
  return {
    name: "koa-session",
    isUnique: false,
    cookies: ["koa.sess", "koa.sess.sig"],
    reader: readers.koaSession({ keys: [OLD] }),
    start: async () => startKoa(undefined),
  };
}

function koaStoreLibrary(): Library {
  const rows = new Map<string, unknown>();
  const store = {
    get: async (key: string) => rows.get(key),
    set: async (key: string, session: unknown) => void rows.set(key, session),
    destroy: async (key: string) => void rows.delete(key),
  };
  return {
    name: "koa-session with a store",
    isUnique: true,
    cookies: ["koa.sess", "koa.sess.sig"],
    reader: readers.koaSession({ keys: [OLD], store }),
    start: async () => startKoa(store),
  };
}

async function startKoa(store: object | undefined): Promise<OldServer> {
  const app = new Koa();
  app.keys = [OLD];
  const { createSession } = await get("koa-session");
  app.use(createSession(store ? { store } : {}, app));
  app.use((ctx) => {
    if (ctx.path === "/in") Object.assign((ctx as Package).session, DATA);
    ctx.body = "";
  });
  const callback = app.callback();
  return listen((req, res) => void callback(req, res));
}

function reactRouterLibrary(): Library {
  return {
    name: "React Router",
    isUnique: false,
    cookies: ["__session"],
    reader: readers.reactRouterSession({ secrets: [OLD] }),
    async start() {
      const { createCookieSessionStorage } = await get("react-router");
      const storage = createCookieSessionStorage({ cookie: { secrets: [OLD] } });
      return listen((req, res) => {
        void (async () => {
          const session = await storage.getSession(req.headers.cookie);
          for (const [key, value] of Object.entries(DATA)) session.set(key, value);
          session.flash("note", "hello");
          res.setHeader("Set-Cookie", await storage.commitSession(session)).end();
        })();
      });
    },
  };
}

function h3Library(name: string, isOld: boolean): Library {
  return {
    name,
    isUnique: true,
    cookies: ["h3"],
    reader: readers.h3Session({ password: OLD, maxAge: 3600 }),
    async start() {
      const config = { password: OLD, maxAge: 3600, cookie: { secure: false } };
      if (isOld) {
        const h3 = await import("h3-1");
        const app = h3.createApp();
        app.use(
          h3.eventHandler(async (event) => {
            await (await h3.useSession(event, config)).update(DATA);
            return "";
          }),
        );
        return listen(h3.toNodeListener(app));
      }
      const h3 = await import("h3");
      const app = new h3.H3().get("/in", async (event) => {
        await (await h3.useSession(event, config)).update(DATA);
        return "";
      });
      return listen((await import("h3/node")).toNodeHandler(app));
    },
  };
}

/** Each call makes them anew, with stores of their own. */
export const LIBRARIES: readonly (() => Library)[] = [
  expressLibrary,
  cookieSessionLibrary,
  () => ironLibrary("iron-session 8", "iron-session-8", false),
  () => ironLibrary("iron-session 9", "iron-session", false),
  () => ironLibrary("iron-session 9 in chunks", "iron-session", true),
  fastifySessionLibrary,
  secureSessionLibrary,
  koaLibrary,
  koaStoreLibrary,
  reactRouterLibrary,
  () => h3Library("h3 1", true),
  () => h3Library("h3 2", false),
];

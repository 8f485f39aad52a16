import * as http from "node:http";
import * as fastifyPassport from "@fastify/passport";
import express from "express";
import type { NextFunction, Request, Response } from "express";
import fastify from "fastify";
import passport from "passport";
import { Strategy } from "passport-local";
import { onTestFinished } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fastifySession } from "../../src/adapters/fastify.ts";
import { passportSession } from "../../src/adapters/passport.ts";
import type { Sessions } from "../../src/core/types.ts";
import { codeOf, start } from "../contracts/hosts/world.ts";
import type { Served } from "../contracts/hosts/world.ts";

export interface Data {
  readonly passport: unknown;
  readonly cart: string;
  readonly messages: string[];
  readonly returnTo: string;
}

export interface User {
  readonly id: string;
}

/** Everybody may come in who knows the word. */
export const strategy = (): Strategy =>
  new Strategy((username, password, done) =>
    password === "open sesame"
      ? done(null, { id: username })
      : done(null, false, { message: "no" }),
  );

/** What is asked for, as a query that passport-local reads like a form. */
export const form = (password: string): string =>
  `?username=ada&password=${encodeURIComponent(password)}`;

export async function onExpress(sessions: Sessions<Data>): Promise<Served> {
  const auth = new passport.Passport();
  auth.use(strategy());
  auth.serializeUser((user, done) => done(null, (user as User).id));
  auth.deserializeUser((id: string, done) => done(null, id === "gone" ? false : { id }));
  const app = express();
  app.use(expressSession(sessions, { as: "visit" }), passportSession(sessions), auth.session());
  const keep = (req: Request): boolean => req.query["keep"] === "yes";
  app.get("/cart", (req, res) => {
    sessions.putSession(req, "cart", "tea");
    res.send();
  });
  app.get(
    "/login",
    (req, res, next) =>
      void auth.authenticate("local", { keepSessionInfo: keep(req), failureMessage: true })(
        req,
        res,
        next,
      ),
    (_req, res) => void res.send("in"),
  );
  app.get("/logout", (req, res, next) =>
    req.logout({ keepSessionInfo: keep(req) }, (error) => (error ? next(error) : res.send("out"))),
  );
  app.get("/", (req, res) => {
    res.json({ user: (req.user as User | undefined)?.id, ...sessions.getSession(req) });
  });
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).send(codeOf(error));
  });
  return start(http.createServer(app));
}

async function onFastify(sessions: Sessions<Data>): Promise<Served> {
  const auth = new fastifyPassport.Authenticator();
  auth.use("local", strategy() as never);
  auth.registerUserSerializer(async (user: User) => user.id);
  auth.registerUserDeserializer(async (id: string) => ({ id }));
  const app = fastify();
  onTestFinished(() => app.close());
  await app.register(fastifySession, { sessions, as: "visit" });
  app.decorateRequest("session", null as never);
  app.addHook("onRequest", passportSession(sessions));
  await app.register(auth.initialize());
  await app.register(auth.secureSession());
  app.setErrorHandler((error, _request, reply) => reply.status(500).send(codeOf(error)));
  app.get("/cart", async (request) => {
    sessions.putSession(request, "cart", "tea");
    return "";
  });
  app.get(
    "/login",
    {
      preValidation: (request, reply) => {
        const { keep } = request.query as { keep?: string };
        const options = { keepSessionInfo: keep === "yes", failureMessage: true };
        return Reflect.apply(auth.authenticate("local", options), app, [
          request,
          reply,
        ]) as Promise<void>;
      },
    },
    async () => "in",
  );
  app.get("/logout", async (request) => {
    await request.logout();
    return "out";
  });
  app.get("/", async (request) => {
    return { user: (request.user as User | undefined)?.id, ...sessions.getSession(request) };
  });
  await app.ready();
  return start(app.server);
}

/** Applications that show what the session holds, and log in and out. */
export const passportApps: readonly {
  readonly host: string;
  readonly serve: (sessions: Sessions<Data>) => Promise<Served>;
}[] = [
  { host: "Passport on Express", serve: onExpress },
  { host: "@fastify/passport", serve: onFastify },
];

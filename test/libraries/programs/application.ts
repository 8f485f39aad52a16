/** What the programs have in common: an Express application that tells its errors. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import express from "express";
import type { Express, NextFunction, Request, RequestHandler, Response } from "express";

declare module "express-serve-static-core" {
  // What libraries put there.
  interface Request {
    flash?: (kind?: string, message?: string) => unknown;
    language?: string;
  }
}

declare module "express-session" {
  interface SessionData {
    user: string;
    seen: number;
    messages: string[];
    returnTo: string;
    passport: unknown;
    lng: string;
    grant: { readonly response?: Readonly<Record<string, unknown>> };
    auth_redirect_uri: string;
    [key: `oidc:${string}`]: unknown;
  }
}

export function serve(use: readonly RequestHandler[], routes: (app: Express) => void): Server {
  const app = express();
  app.use(express.urlencoded({ extended: false }), ...use);
  routes(app);
  app.use((error: Error & { status?: number }, _: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error);
    else res.status(error.status ?? 500).send(`error: ${error.message}`);
  });
  return createServer(app);
}

/** Signs in as people wrote it before Passport. */
export const signIn: RequestHandler = (req, res, next) => {
  req.session.regenerate((error) => {
    req.session.user = "ada";
    if (error) next(error);
    else res.send("in");
  });
};

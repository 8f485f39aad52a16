/** Runs the code of docs/hosts/csrf.md, and csrf-csrf as the page says to use it. */
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import express from "express";
import type { Request, RequestHandler, Response } from "express";
import { createSessions, createTable, tableStore } from "sojourn";
import type { Session } from "sojourn";
import { session } from "sojourn/express";
import { testClient } from "sojourn/testing";
import { requireBuilt, root } from "../setup/project.ts";
import { writePage } from "../setup/write-modules.ts";
import { load } from "../neighbours/support/packages.ts";

interface FormTokens {
  readonly formToken: (session: Session, secret: string) => string;
  readonly isFormToken: (session: Session, secret: string, sent: unknown) => boolean;
}
interface Csrf {
  readonly doubleCsrf: (options: object) => {
    readonly generateCsrfToken: (req: Request, res: Response) => string;
    readonly doubleCsrfProtection: RequestHandler;
  };
}

const folder = join(root, "build/csrf-page");
const SECRET = "a secret of the application's forms";

const sessions = createSessions<{ user_id: string; form: boolean }>({
  store: tableStore({ table: createTable() }),
  key: "__Host-session",
  subject: "user_id",
});

beforeAll(() => {
  requireBuilt();
  writePage("docs/hosts/csrf.md", folder);
});

/** What protects the forms of an application. */
interface Protection {
  readonly tokenOf: (req: Request, res: Response) => string;
  readonly check: RequestHandler;
}

const PROTECTIONS: readonly (readonly [string, () => Promise<Protection>])[] = [
  [
    "the page's own tokens",
    async () => {
      const { formToken, isFormToken } = (await import(
        /* @vite-ignore */ join(folder, "form-tokens.js")
      )) as FormTokens;
      return {
        tokenOf: (req) => formToken(sessions.of(req), SECRET),
        check: (req, res, next) => {
          if (isFormToken(sessions.of(req), SECRET, req.headers["x-token"])) next();
          else res.status(403).send("forged");
        },
      };
    },
  ],
  [
    "csrf-csrf",
    async () => {
      const { doubleCsrf } = await load<Csrf>("csrf-csrf");
      const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
        getSecret: () => SECRET,
        getSessionIdentifier: (req: { session: Session }) => req.session.id,
        cookieName: "csrf",
        cookieOptions: { secure: false },
        getCsrfTokenFromRequest: (req: Request) => req.headers["x-token"],
      });
      return { tokenOf: generateCsrfToken, check: doubleCsrfProtection };
    },
  ],
];

it.each(PROTECTIONS)(
  "L4: a token of %s that was made before the log-in does not pass after it",
  async (_, make) => {
    const cookieParser = await load<() => RequestHandler>("cookie-parser");
    const { tokenOf, check } = await make();
    const app = express().use(cookieParser(), session(sessions));
    app.get("/form", (req, res) => {
      sessions.putSession(req, "form", true);
      res.send(tokenOf(req, res));
    });
    app.post("/login", check, (req, res) => {
      sessions.renewSession(req);
      sessions.putSession(req, "user_id", "alice");
      res.send("in");
    });
    app.post("/transfer", check, (_req, res) => void res.send("money"));
    const fail: express.ErrorRequestHandler = (_error, _req, res, _next) =>
      void res.status(403).send("forged");
    app.use(fail);

    // The browser of alice has the session and the token that mallory has made for it.
    const alice = testClient(sessions, app);
    const token = await (await alice.fetch("/form")).text();
    const post = async (path: string, sent: string): Promise<number> =>
      (await alice.fetch(path, { method: "POST", headers: { "x-token": sent } })).status;
    expect(await post("/transfer", "nonsense")).toBe(403);
    expect(await post("/transfer", token)).toBe(200);
    expect(await post("/login", token)).toBe(200);
    expect(await post("/transfer", token)).toBe(403);
    const next = await (await alice.fetch("/form")).text();
    expect(await post("/transfer", next)).toBe(200);
    await alice.close();
  },
);

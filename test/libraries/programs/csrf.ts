/** Protection against forged requests: the token belongs to the session. */
import type { RequestHandler } from "express";
import { load } from "../library.ts";
import type { Library, Visit } from "../library.ts";
import { serve, signIn } from "./application.ts";

type TokenOf = (req: object, res: object) => string;

/** A form, a forged request, the real one, another visitor's token, and a log-in between form and request. */
async function drive({ browser }: Visit): Promise<void> {
  const [ada, eve] = [browser(), browser()];
  const token = async (who: typeof ada) => (await who.get("/form", { quiet: true })).text;
  const send = (who: typeof ada, given: string) =>
    who.post("/send", { _csrf: given }, { headers: { "x-csrf-token": given } });

  const [first, others] = [await token(ada), await token(eve)];
  await ada.post("/send");
  await send(ada, first);
  await send(ada, first);
  await send(ada, others);
  await send(eve, others);
  await ada.post("/login", { _csrf: first }, { headers: { "x-csrf-token": first } });
  await send(ada, first);
  await send(ada, await token(ada));
}

function application(
  use: readonly RequestHandler[],
  tokenOf: TokenOf,
  below: readonly RequestHandler[] = [],
) {
  const server = serve(use, (app) => {
    app.get("/form", (req, res) => {
      req.session.seen = 1;
      res.send(tokenOf(req, res));
    });
    app.post("/login", ...below, signIn);
    app.post("/send", ...below, (req, res) => void res.send(`sent by ${req.session.user}`));
  });
  return { server, drive };
}

const sees = [
  /\/send: (?:403|500 error: CSRF token missing)/,
  /\/send: 200 sent by undefined/,
  /\/send: 200 sent by ada/,
];

export const csrf: readonly Library[] = [
  {
    name: "csurf",
    used: "a token in the session, also across a log-in",
    sees,
    async program({ session }) {
      const csurf = await load<() => RequestHandler>("csurf");
      return application([session(), csurf()], (req) =>
        (req as { csrfToken: () => string }).csrfToken(),
      );
    },
  },
  {
    name: "lusca",
    used: "a token in the session, also across a log-in",
    sees,
    async program({ session }) {
      const lusca = await load<(options: object) => RequestHandler>("lusca");
      return application([session(), lusca({ csrf: true, xframe: "DENY" })], (_req, res) =>
        String((res as { locals: { _csrf?: unknown } }).locals._csrf),
      );
    },
  },
  {
    name: "csrf-sync",
    used: "a token in the session, also across a log-in",
    sees,
    async program({ session }) {
      const { csrfSync } = await load<{
        csrfSync: (options: object) => {
          generateToken: (req: object) => string;
          csrfSynchronisedProtection: RequestHandler;
        };
      }>("csrf-sync");
      const { generateToken, csrfSynchronisedProtection } = csrfSync({});
      return application([session()], generateToken, [csrfSynchronisedProtection]);
    },
  },
  {
    name: "csrf-csrf",
    used: "a token bound to `req.session.id`, also across a log-in",
    sees,
    async program({ session }) {
      const parse = await load<() => RequestHandler>("cookie-parser");
      const { doubleCsrf } = await load<{
        doubleCsrf: (options: object) => {
          generateCsrfToken: TokenOf;
          doubleCsrfProtection: RequestHandler;
        };
      }>("csrf-csrf");
      const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
        getSecret: () => "a secret of this test only",
        getSessionIdentifier: (req: { session: { id: string } }) => req.session.id,
        cookieName: "csrf",
        cookieOptions: { secure: false },
      });
      return application([parse(), session()], generateCsrfToken, [doubleCsrfProtection]);
    },
  },
];

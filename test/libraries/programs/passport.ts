/** Passport with the strategies that keep something in the session, and the libraries around it. */
import { createServer } from "node:http";
import type { Express, RequestHandler } from "express";
import Koa from "koa";
import type { Context } from "koa";
import { Passport } from "passport";
import type { AuthenticateOptions, Strategy } from "passport";
import { Strategy as LocalStrategy } from "passport-local";
import { load } from "../library.ts";
import type { Kit, Library, Visit } from "../library.ts";
import { CLIENT, startProvider } from "../provider.ts";
import { serve } from "./application.ts";

type Done = (error: unknown, user?: unknown, info?: unknown) => void;
type Options = AuthenticateOptions & { readonly keepSessionInfo?: boolean };

interface User {
  readonly id: string;
}

/** Passport, with one strategy and with users who have nothing but an id. */
function passportWith(strategy: Strategy) {
  const passport = new Passport();
  passport.use("one", strategy);
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, { id }));
  const authenticate = (options: Options = {}): RequestHandler =>
    passport.authenticate("one", options) as RequestHandler;
  return { passport, authenticate };
}

const local = (): Strategy =>
  new LocalStrategy((username, password, done) =>
    password === "open sesame"
      ? done(null, { id: username })
      : done(null, false, { message: "wrong password" }),
  );

const idOf = (user: unknown): string => (user as User | undefined)?.id ?? "nobody";

/** What every application of these has: who somebody is, what the session holds, and the way out. */
function commonRoutes(app: Express): void {
  app.get("/", (req, res) => {
    res.json([idOf(req.user), req.session.seen ?? 0, req.session.messages ?? []]);
  });
  app.get("/see", (req, res) => {
    req.session.seen = (req.session.seen ?? 0) + 1;
    res.redirect("/");
  });
  app.post("/logout", (req, res, next) => {
    req.logout({ keepSessionInfo: "keep" in req.query }, (error) => {
      if (error) next(error);
      else res.redirect("/");
    });
  });
}

const wrong = { username: "ada", password: "open" };
const right = { username: "ada", password: "open sesame" };

const withPasswords: readonly Library[] = [
  {
    name: "passport-local",
    used: "`failureMessage`, `keepSessionInfo` at log-in and log-out",
    sees: [/\["nobody",1,\["wrong password"\]\]/, /\["ada",0,\[\]\]/, /\["ada",1,/],
    program({ session }) {
      const { authenticate, passport } = passportWith(local());
      const server = serve([session(), passport.session() as RequestHandler], (app) => {
        commonRoutes(app);
        const ways = { successRedirect: "/", failureRedirect: "/", failureMessage: true };
        app.post("/login", authenticate(ways));
        app.post("/login/keep", authenticate({ ...ways, keepSessionInfo: true }));
      });
      return {
        server,
        async drive({ browser }) {
          for (const path of ["/login", "/login/keep"]) {
            const ada = browser();
            await ada.follow(await ada.get("/see"));
            await ada.follow(await ada.post(path, wrong));
            await ada.follow(await ada.post(path, right));
            await ada.follow(await ada.get("/see"));
            await ada.follow(await ada.post("/logout?keep"));
            await ada.follow(await ada.post(path, right));
            await ada.follow(await ada.post("/logout"));
          }
        },
      };
    },
  },
  {
    name: "passport-local",
    used: "`failureFlash` and `successFlash` by connect-flash",
    sees: [/\["wrong password"\]/, /\{"error":\[\],"success":\["welcome"\]\}/],
    async program({ session }) {
      const flash = await load<() => RequestHandler>("connect-flash");
      const { authenticate, passport } = passportWith(local());
      const use = [session(), flash(), passport.session() as RequestHandler];
      const server = serve(use, (app) => {
        commonRoutes(app);
        app.post(
          "/login",
          authenticate({
            successRedirect: "/said",
            failureRedirect: "/said",
            failureFlash: true,
            successFlash: "welcome",
            keepSessionInfo: true,
          }),
        );
        app.get("/said", (req, res) => {
          res.json({ error: req.flash?.("error"), success: req.flash?.("success") });
        });
      });
      return {
        server,
        async drive({ browser }) {
          const ada = browser();
          await ada.follow(await ada.post("/login", wrong));
          await ada.get("/said");
          await ada.follow(await ada.post("/login", right));
          await ada.get("/said");
          await ada.get("/");
        },
      };
    },
  },
  {
    name: "connect-ensure-login",
    used: "`returnTo`, and `successReturnToOrRedirect` of Passport",
    sees: [
      /^GET \/account: 302 to \/login/,
      /POST \/login: 302 to \/account/,
      /\/account: 200 ada/,
    ],
    async program({ session }) {
      const { ensureLoggedIn } = await load<{ ensureLoggedIn: (to: string) => RequestHandler }>(
        "connect-ensure-login",
      );
      const { authenticate, passport } = passportWith(local());
      const server = serve([session(), passport.session() as RequestHandler], (app) => {
        commonRoutes(app);
        app.get("/login", (_req, res) => void res.send("the form"));
        app.post("/login", authenticate({ successReturnToOrRedirect: "/", keepSessionInfo: true }));
        app.get("/account", ensureLoggedIn("/login"), (req, res) => void res.send(idOf(req.user)));
      });
      return {
        server,
        async drive({ browser }) {
          const ada = browser();
          await ada.follow(await ada.get("/account"));
          await ada.follow(await ada.post("/login", right));
          await ada.follow(await ada.post("/logout"));
          await ada.follow(await ada.get("/account"));
        },
      };
    },
  },
];

/** A log-in elsewhere, a forged return, the way back a second time, and the log-out. */
async function drive({ browser }: Visit): Promise<void> {
  const [ada, eve] = [browser(), browser()];
  await ada.follow(await ada.get("/see"));
  const start = await ada.get("/login");
  let back = start;
  while (back.location && !back.location.includes("/callback")) back = await ada.get(back.location);
  // Somebody else's answer of the provider: her session knows nothing of it.
  await eve.get("/login");
  await eve.get(back.location);
  await eve.get("/");
  await ada.follow(await ada.get(back.location));
  await ada.follow(await ada.post("/logout"));
}

/** A shop with one strategy of Passport, whose users sign in at a provider. */
async function shop(
  kit: Kit,
  origin: () => string,
  strategy: (issuer: string, callback: string) => Strategy | Promise<Strategy>,
) {
  const issuer = await startProvider(kit, () => `${origin()}/callback`);
  let made: ReturnType<typeof passportWith> | undefined;
  const passport = async () =>
    (made ??= passportWith(await strategy(issuer, `${origin()}/callback`)));
  const late =
    (handler: (of: ReturnType<typeof passportWith>) => RequestHandler): RequestHandler =>
    async (req, res, next) => {
      await handler(await passport())(req, res, next);
    };
  const server = serve(
    [kit.session(), late(({ passport }) => passport.session() as RequestHandler)],
    (app) => {
      commonRoutes(app);
      app.get(
        "/login",
        late(({ authenticate }) => authenticate()),
      );
      app.get(
        "/callback",
        late(({ authenticate }) => authenticate({ successRedirect: "/", failureMessage: true })),
      );
    },
  );
  return { server, drive };
}

type StrategyOf = new (options: object, verify: (...args: never[]) => void) => Strategy;

const elsewhere: readonly Library[] = [
  {
    name: "passport-oauth2",
    used: "state and PKCE, a log-in at oidc-provider, and a forged return",
    sees: [/^GET \/login: 302 to elsewhere \/auth\?/, /\["somebody",0/, /\["nobody",/],
    async program(kit, origin) {
      const OAuth2 = await load<{ Strategy: StrategyOf }>("passport-oauth2");
      return shop(kit, origin, (issuer, callbackURL) => {
        const options = {
          authorizationURL: `${issuer}/auth`,
          tokenURL: `${issuer}/token`,
          clientID: CLIENT.client_id,
          clientSecret: CLIENT.client_secret,
          callbackURL,
          scope: "openid",
          state: true,
          pkce: true,
        };
        return new OAuth2.Strategy(
          options,
          (_token: never, _refresh: never, _: never, done: Done) => done(null, { id: "somebody" }),
        );
      });
    },
  },
  {
    name: "passport-openidconnect",
    used: "a log-in at oidc-provider, and a forged return",
    sees: [/^GET \/login: 302 to elsewhere \/auth\?/, /\["ada",0/, /\["nobody",/],
    async program(kit, origin) {
      const Strategy = await load<StrategyOf>("passport-openidconnect");
      return shop(kit, origin, (issuer, callbackURL) => {
        const options = {
          issuer,
          authorizationURL: `${issuer}/auth`,
          tokenURL: `${issuer}/token`,
          userInfoURL: `${issuer}/me`,
          clientID: CLIENT.client_id,
          clientSecret: CLIENT.client_secret,
          callbackURL,
          skipUserProfile: true,
        };
        return new Strategy(options, (_issuer: never, { id }: { id: string }, done: Done) =>
          done(null, { id }),
        );
      });
    },
  },
  {
    name: "openid-client",
    used: "its strategy for Passport, a log-in at oidc-provider, and a forged return",
    sees: [/^GET \/login: 302 to elsewhere \/auth\?/, /\["ada",0/, /\["nobody",/],
    async program(kit, origin) {
      const client = await load<{
        discovery: (
          issuer: URL,
          id: string,
          secret: string,
          auth: undefined,
          options: object,
        ) => Promise<object>;
        allowInsecureRequests: unknown;
      }>("openid-client");
      const { Strategy } = await load<{ Strategy: StrategyOf }>("openid-client/passport");
      return shop(kit, origin, async (issuer, callbackURL) => {
        const { client_id, client_secret } = CLIENT;
        const config = await client.discovery(
          new URL(issuer),
          client_id,
          client_secret,
          undefined,
          {
            execute: [client.allowInsecureRequests],
          },
        );
        const options = { config, scope: "openid", callbackURL };
        const verify = (tokens: { claims: () => { sub: string } }, done: Done): void =>
          done(null, { id: tokens.claims().sub });
        return new Strategy(options, verify);
      });
    },
  },
];

/** Koa has no `req.session` of its own: a middleware of three lines hands it on. */
const onKoa: Library = {
  name: "koa-passport",
  used: "log-in and log-out on Koa, by a middleware of a few lines",
  sees: [/\["nobody",1\]/, /\["ada",0\]/],
  async program({ session }) {
    const { KoaPassport } = await load<{ KoaPassport: new () => KoaPassport }>("koa-passport");
    const passport = new KoaPassport();
    passport.use("one", local());
    passport.serializeUser((user, done) => done(null, user.id));
    passport.deserializeUser((id, done) => done(null, { id }));
    const middleware = session();
    const app = new Koa();
    app.use(async (ctx, next) => {
      await new Promise<void>((resolve, reject) => {
        const done = (error?: unknown): void => (error ? reject(error) : resolve());
        middleware(ctx.req as never, ctx.res as never, done);
      });
      const get = (): unknown => (ctx.req as { session?: unknown }).session;
      Object.defineProperty(ctx, "session", { get, configurable: true });
      await next();
    });
    app.use(passport.initialize());
    app.use(passport.session());
    app.use(async (ctx: Context & Visitor) => {
      const form = new URL(ctx.href).searchParams;
      // passport-local reads a query like a form.
      if (ctx.path === "/login") {
        const authenticate = passport.authenticate("one", async (_error, user) => {
          if (user) await ctx.login(user);
          ctx.redirect("/");
        });
        await authenticate(ctx, async () => {});
        return;
      }
      if (ctx.path === "/logout") {
        await ctx.logout();
        ctx.redirect("/");
        return;
      }
      if (form.has("see")) ctx.session.seen = (ctx.session.seen ?? 0) + 1;
      ctx.body = JSON.stringify([ctx.state["user"]?.id ?? "nobody", ctx.session.seen ?? 0]);
    });
    return {
      server: createServer((req, res) => void app.callback()(req, res)),
      async drive({ browser }) {
        const ada = browser();
        const query = (given: typeof right): string => new URLSearchParams(given).toString();
        await ada.get("/?see");
        await ada.follow(await ada.get(`/login?${query(wrong)}`));
        await ada.follow(await ada.get(`/login?${query(right)}`));
        await ada.get("/?see");
        await ada.follow(await ada.get("/logout"));
      },
    };
  },
};

interface Visitor {
  session: { seen?: number };
  login: (user: unknown) => Promise<void>;
  logout: () => Promise<void>;
}

interface KoaPassport {
  use(name: string, strategy: Strategy): void;
  serializeUser(by: (user: User, done: Done) => void): void;
  deserializeUser(by: (id: string, done: Done) => void): void;
  initialize(): Koa.Middleware;
  session(): Koa.Middleware;
  authenticate(
    name: string,
    then: (error: unknown, user: unknown) => Promise<void>,
  ): (ctx: unknown, next: () => Promise<void>) => Promise<void>;
}

export const withPassport: readonly Library[] = [...withPasswords, ...elsewhere, onKoa];

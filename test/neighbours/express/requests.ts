/** Middleware of Express that reads the request, or keeps something of it. */
import type { Handler, Request } from "express";
import expressSession from "express-session";
import passport from "passport";
import { Strategy } from "passport-local";
import { onExpress } from "./host.ts";
import type { ExpressEntry, ExpressKit } from "./host.ts";
import type { Ask } from "../neighbour.ts";
import { JSON_BODIES } from "../support/json-bodies.ts";
import { load } from "../support/packages.ts";

const BOUNDARY = "a-boundary";

function upload(path: string, file: string): Ask {
  const lines = [
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="text"',
    "",
    "a text",
    `--${BOUNDARY}`,
    'Content-Disposition: form-data; name="file"; filename="a.txt"',
    "Content-Type: text/plain",
    "",
    file,
    `--${BOUNDARY}--`,
    "",
  ];
  const headers = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
  return { path, method: "POST", headers, body: lines.join("\r\n") };
}

function form(path: string, fields: Readonly<Record<string, string>>): Ask {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { path, method: "POST", headers, body: new URLSearchParams(fields).toString() };
}

/** Another session beside ours, for middleware that wants one of its kind: the same in each run. */
function otherSession(): Handler {
  let made = 0;
  return expressSession({
    secret: "a secret of another session",
    resave: false,
    saveUninitialized: false,
    genid: () => `other-${(made += 1)}`,
  });
}

const entries: readonly ExpressEntry[] = [
  {
    name: "express-session",
    package: "express-session",
    as: "visit",
    build: ({ look }) => ({
      use: [otherSession()],
      routes(app) {
        app.get(
          "/put",
          look((req, res) => {
            Object.assign(req.session, { seen: true });
            res.send("put");
          }),
        );
        app.get(
          "/get",
          look((req, res) => void res.json(Object.keys(req.session))),
        );
        app.get(
          "/pieces",
          look((req, res) => {
            Object.assign(req.session, { pieces: true });
            res.write("one ");
            res.end("two");
          }),
        );
        app.get(
          "/end",
          look((req, res) => {
            req.session.destroy(() => res.redirect("/get"));
          }),
        );
      },
    }),
    requests: ["/put", "/get", "/pieces", "/get", "/end", "/get"].map((path) => ({ path })),
  },
  {
    name: "connect-flash",
    package: "connect-flash",
    as: "visit",
    async build({ look }) {
      const flash = await load<() => Handler>("connect-flash");
      type Flashing = Request & { readonly flash: (kind?: string, text?: string) => unknown };
      return {
        use: [otherSession(), flash()],
        routes(app) {
          app.get(
            "/say",
            look((req, res) => {
              (req as Flashing).flash("info", "saved");
              (req as Flashing).flash("info", "twice");
              res.redirect("/hear");
            }),
          );
          app.get(
            "/hear",
            look((req, res) => void res.json((req as Flashing).flash())),
          );
        },
      };
    },
    requests: ["/say", "/hear", "/hear"].map((path) => ({ path })),
  },
  {
    name: "csrf-sync",
    package: "csrf-sync",
    as: "visit",
    async build({ express, look }) {
      interface Csrf {
        readonly csrfSync: (options: object) => {
          readonly generateToken: (req: Request) => string;
          readonly csrfSynchronisedProtection: Handler;
        };
      }
      const { csrfSync } = await load<Csrf>("csrf-sync");
      const getTokenFromRequest = (req: Request) => (req.body as { token?: string }).token;
      const csrf = csrfSync({ getTokenFromRequest });
      let token = "";
      return {
        use: [otherSession(), express.urlencoded({ extended: false })],
        routes(app) {
          app.get(
            "/form",
            look((req, res) => {
              token = csrf.generateToken(req);
              res.send(token === "" ? "no token" : "a token");
            }),
          );
          app.post("/right", (req, _res, next) => {
            (req.body as { token: string }).token = token;
            next();
          });
          app.post(["/right", "/wrong"], csrf.csrfSynchronisedProtection);
          app.post(
            ["/right", "/wrong"],
            look((_req, res) => void res.send("done")),
          );
        },
      };
    },
    requests: [{ path: "/form" }, form("/right", { a: "1" }), form("/wrong", { token: "x" })],
  },
  {
    name: "csrf-csrf",
    package: "csrf-csrf",
    async build({ express, look }) {
      interface Csrf {
        readonly doubleCsrf: (options: object) => {
          readonly generateCsrfToken: (req: Request, res: unknown) => string;
          readonly doubleCsrfProtection: Handler;
        };
      }
      const { doubleCsrf } = await load<Csrf>("csrf-csrf");
      const cookieParser = await load<() => Handler>("cookie-parser");
      const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
        getSecret: () => "a secret of csrf-csrf",
        getSessionIdentifier: () => "one",
        cookieName: "csrf",
        cookieOptions: { secure: false },
      });
      return {
        use: [cookieParser(), express.urlencoded({ extended: false })],
        routes(app) {
          app.get(
            "/form",
            look((req, res) => void res.set("X-Token", generateCsrfToken(req, res)).send("form")),
          );
          app.use(doubleCsrfProtection);
          app.post(
            "/",
            look((_req, res) => void res.send("done")),
          );
        },
      };
    },
    volatile: ["x-token", "set-cookie"],
    requests: [
      { path: "/form" },
      ([first]) => ({
        path: "/",
        method: "POST",
        headers: { "x-csrf-token": first?.headers.find(([name]) => name === "X-Token")?.[1] ?? "" },
      }),
      { path: "/", method: "POST", headers: { "x-csrf-token": "wrong" } },
    ],
  },
  {
    name: "passport",
    package: "passport",
    as: "visit",
    build: ({ express, look }) => passportParts({ express, look }),
    requests: [
      { path: "/who" },
      form("/login", { username: "ada", password: "wrong" }),
      form("/login", { username: "ada", password: "right" }),
      { path: "/who" },
      { path: "/logout" },
      { path: "/who" },
    ],
  },
  {
    name: "multer",
    package: "multer",
    async build({ look }) {
      interface Multer {
        (options: object): { readonly single: (name: string) => Handler };
        readonly memoryStorage: () => object;
      }
      const multer = await load<Multer>("multer");
      const storage = multer.memoryStorage();
      const fileFilter = (
        _req: Request,
        _file: unknown,
        done: (error: Error | null, take?: boolean) => void,
      ) => done(new Error("not this file"));
      return {
        routes(app) {
          const answer = look((req, res) => {
            const { file } = req as Request & { readonly file?: { readonly size: number } };
            res.json({ size: file?.size, body: req.body as unknown });
          });
          app.post("/file", multer({ storage }).single("file"), answer);
          app.post(
            "/limited",
            multer({ storage, limits: { fileSize: 10 } }).single("file"),
            answer,
          );
          app.post(
            "/filtered",
            look((_req, _res, next) => next()),
            multer({ storage, fileFilter }).single("file"),
          );
        },
      };
    },
    places: ["below our middleware"],
    requests: [
      upload("/file", "a file ".repeat(100)),
      upload("/limited", "a file ".repeat(100)),
      upload("/filtered", "a file"),
      { ...upload("/file", ""), body: "not a form" },
      { path: "/file", method: "POST" },
    ],
  },
  {
    name: "body parsers and cookie-parser",
    package: "cookie-parser",
    async build({ express, look }) {
      const cookieParser = await load<(secret: string) => Handler>("cookie-parser");
      return {
        use: [
          cookieParser("a secret of cookie-parser"),
          express.json({ limit: 100 }),
          express.urlencoded({ extended: false }),
          express.text(),
        ],
        routes(app) {
          app.post(
            "/",
            look((req, res) => {
              res.cookie("plain", "1").cookie("signed", "2", { signed: true });
              const names = Object.keys(req.cookies as object).filter((name) => name !== "sid");
              res.json({ body: req.body as unknown, names, signed: req.signedCookies as unknown });
            }),
          );
          app.get(
            "/clear",
            look((_req, res) => res.clearCookie("plain").redirect("/")),
          );
        },
      };
    },
    requests: [
      ...JSON_BODIES,
      form("/", { a: "1" }),
      { path: "/", method: "POST", headers: { "content-type": "text/plain" }, body: "text" },
      { path: "/clear" },
    ],
  },
  {
    name: "method-override",
    package: "method-override",
    async build({ look }) {
      const methodOverride = await load<(name: string) => Handler>("method-override");
      return {
        use: [methodOverride("X-HTTP-Method-Override")],
        routes(app) {
          app.delete(
            "/",
            look((_req, res) => void res.sendStatus(204)),
          );
          app.post(
            "/",
            look((_req, res) => void res.send("posted")),
          );
        },
      };
    },
    requests: [
      { path: "/", method: "POST", headers: { "x-http-method-override": "DELETE" } },
      { path: "/", method: "POST" },
    ],
  },
  {
    name: "connect-timeout",
    package: "connect-timeout",
    async build({ look, note }) {
      const timeout = await load<(time: string, options?: object) => Handler>("connect-timeout");
      type Timed = Request & { readonly timedout: boolean };
      return {
        use: [timeout("100ms")],
        routes(app) {
          app.get(
            "/in-time",
            look((_req, res) => void res.send("page")),
          );
          app.get(
            "/never",
            look(() => {}),
          );
          app.get(
            "/late",
            look((req, res) => {
              req.once("timeout", () =>
                setImmediate(() => {
                  note(`timed out ${(req as Timed).timedout}`);
                  try {
                    res.send("too late");
                  } catch (error) {
                    note(`late ${(error as NodeJS.ErrnoException).code}`);
                  }
                }),
              );
            }),
          );
          app.get(
            "/pieces",
            look((_req, res) => {
              res.write("one ");
              setTimeout(() => res.end("two"), 150);
            }),
          );
        },
      };
    },
    requests: ["/in-time", "/never", "/late", "/pieces"].map((path) => ({ path })),
  },
  {
    name: "express-http-context",
    package: "express-http-context",
    async build({ look, event }) {
      interface Context {
        readonly middleware: Handler;
        readonly get: (name: string) => unknown;
        readonly set: (name: string, value: unknown) => void;
      }
      const context = await load<Context>("express-http-context");
      let count = 0;
      const mark: Handler = (_req, _res, next) => {
        context.set("id", (count += 1));
        next();
      };
      return {
        use: [context.middleware, mark],
        routes(app) {
          app.get(
            "/send",
            look((_req, res) => {
              res.on("finish", () => event(`finish of ${String(context.get("id"))}`));
              res.send(`page of ${String(context.get("id"))}`);
            }),
          );
          app.get(
            "/pieces",
            look((_req, res) => {
              res.write(`one of ${String(context.get("id"))}`, () =>
                event(`written ${String(context.get("id"))}`),
              );
              res.end("", () => event(`ended ${String(context.get("id"))}`));
            }),
          );
          app.get(
            "/throw",
            look(async () => {
              await Promise.resolve();
              throw new Error(`thrown in ${String(context.get("id"))}`);
            }),
          );
        },
      };
    },
    requests: ["/send", "/pieces", "/throw", "/send"].map((path) => ({ path })),
  },
];

function passportParts({ express, look }: Pick<ExpressKit, "express" | "look">) {
  const auth = new passport.Passport();
  auth.use(
    new Strategy((name, password, done) => done(null, password === "right" ? { name } : false)),
  );
  auth.serializeUser((user, done) => process.nextTick(() => done(null, user)));
  auth.deserializeUser((user: Express.User, done) => process.nextTick(() => done(null, user)));
  return {
    use: [
      otherSession(),
      express.urlencoded({ extended: false }),
      auth.initialize(),
      auth.session(),
    ],
    routes(app: ReturnType<typeof express>) {
      const redirects = { successRedirect: "/who", failureRedirect: "/login" };
      app.post("/login", look(auth.authenticate("local", redirects) as Handler));
      app.get(
        "/logout",
        look((req, res, next) => {
          req.logout((error) => (error ? next(error) : res.redirect("/who")));
        }),
      );
      app.get(
        "/who",
        look((req, res) => void res.json(req.user ?? "nobody")),
      );
    },
  };
}

export const expressRequests = onExpress(entries);

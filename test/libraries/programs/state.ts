/** Libraries that keep something of a visitor in the session. */
import type { RequestHandler } from "express";
import { load } from "../library.ts";
import type { Library } from "../library.ts";
import { serve, signIn } from "./application.ts";

export const state: readonly Library[] = [
  {
    name: "connect-flash",
    used: "several messages of a kind, and two visitors",
    sees: [/200 \{"error":\["one","two"\],"info":\["three"\]\}/, /200 \{\}/],
    async program({ session }) {
      const flash = await load<() => RequestHandler>("connect-flash");
      const server = serve([session(), flash()], (app) => {
        app.post("/say", (req, res) => {
          req.flash?.("error", "one");
          req.flash?.("error", "two");
          req.flash?.("info", "three");
          res.redirect("/");
        });
        app.get("/", (req, res) => void res.json(req.flash?.()));
        app.get("/errors", (req, res) => void res.json(req.flash?.("error")));
      });
      return {
        server,
        async drive({ browser }) {
          const [ada, eve] = [browser(), browser()];
          await ada.follow(await ada.post("/say"));
          await ada.get("/");
          await ada.post("/say");
          await eve.get("/errors");
          await ada.get("/errors");
          await ada.get("/errors");
          await ada.get("/");
        },
      };
    },
  },
  {
    name: "express-rate-limit",
    used: "a limit for each `req.sessionID`",
    sees: [/429/, /^GET \/2: 200/],
    async program({ session }) {
      const rateLimit = await load<(options: object) => RequestHandler>("express-rate-limit");
      const limit = rateLimit({
        windowMs: 60_000,
        limit: 2,
        legacyHeaders: false,
        keyGenerator: (req: { sessionID: string }) => req.sessionID,
      });
      const server = serve([session(), limit], (app) => {
        app.get("/:page", (req, res) => {
          req.session.seen = (req.session.seen ?? 0) + 1;
          res.send(`page ${req.session.seen}`);
        });
        app.post("/login", signIn);
      });
      return {
        server,
        async drive({ browser }) {
          const [ada, eve] = [browser(), browser()];
          // The first request of a visitor makes the session whose id the next ones have.
          for (const page of ["1", "2", "3", "4"]) await ada.get(`/${page}`);
          await eve.get("/1");
          await eve.get("/2");
          await eve.post("/login");
          await eve.get("/3");
        },
      };
    },
  },
  {
    name: "i18next-http-middleware",
    used: "the language of i18next in the session",
    sees: [/200 en hello/, /200 de hallo/],
    async program({ session }) {
      const i18next = await load<{
        createInstance: () => {
          use: (plugin: unknown) => { init: (options: object) => Promise<unknown> };
        };
      }>("i18next");
      const { LanguageDetector, handle } = await load<{
        LanguageDetector: new () => unknown;
        handle: (instance: unknown) => RequestHandler;
      }>("i18next-http-middleware");
      const instance = i18next.createInstance();
      await instance.use(new LanguageDetector()).init({
        fallbackLng: "en",
        preload: ["en", "de"],
        resources: {
          en: { translation: { hello: "hello" } },
          de: { translation: { hello: "hallo" } },
        },
        detection: {
          order: ["querystring", "session"],
          lookupQuerystring: "lng",
          lookupSession: "lng",
          caches: ["session"],
        },
      });
      const server = serve([session(), handle(instance)], (app) => {
        app.get("/", (req, res) => {
          const { t } = req as unknown as { t: (key: string) => string };
          res.send(`${req.language} ${t("hello")} ${req.session.lng}`);
        });
      });
      return {
        server,
        async drive({ browser }) {
          const [ada, eve] = [browser(), browser()];
          await ada.get("/");
          await ada.get("/?lng=de");
          await ada.get("/");
          await eve.get("/");
        },
      };
    },
  },
  {
    name: "multer",
    used: "a session that is written after an upload",
    sees: [/200 \["note.txt",5,2\]/],
    async program({ session }) {
      const multer = await load<() => { single: (field: string) => RequestHandler }>("multer");
      const server = serve([session()], (app) => {
        app.post("/note", multer().single("note"), (req, res) => {
          const { file } = req as unknown as { file: { originalname: string; size: number } };
          req.session.seen = (req.session.seen ?? 0) + 1;
          res.json([file.originalname, file.size, req.session.seen]);
        });
      });
      return {
        server,
        async drive({ browser }) {
          const ada = browser();
          for (let time = 0; time < 2; time++) {
            const body = new FormData();
            body.set("note", new Blob(["hello"]), "note.txt");
            await ada.ask("/note", { method: "POST", body });
          }
        },
      };
    },
  },
];

/** The application: what every request passes, then the routes of each store. */
import { fileURLToPath } from "node:url";
import express from "express";
import type { ErrorRequestHandler, Express, Response } from "express";
import { SessionError } from "sojourn";
import { errorPage } from "./views/page.ts";
import { createRoutes } from "./routes.ts";
import { refuseOtherOrigins } from "./same-origin.ts";
import type { DemoStore } from "./stores.ts";
import { noteSteps } from "./visitors.ts";
import { currentStep, noteEvents } from "./watch.ts";

// The compiler leaves other files where they are: beside the sources.
const PUBLIC = new URL("examples/demo/public/", import.meta.resolve("sojourn/package.json"));

export function createApp(stores: readonly DemoStore[]): Express {
  const [first] = stores;
  noteEvents();

  const app = express();
  app.disable("x-powered-by");
  app.use((_req, res, next) => {
    secure(res);
    next();
  });
  app.use(express.static(fileURLToPath(PUBLIC), { index: false }));
  app.use(refuseOtherOrigins);
  app.use(express.urlencoded({ extended: false, limit: "4kb" }));

  app.get("/", (_req, res) => res.redirect(`/${first?.name}`));
  for (const store of stores) {
    app.use(`/${store.name}`, noteSteps(store.key), createRoutes(store, stores));
  }

  app.use((_req, res) => {
    res.status(404).send(String(errorPage({ text: "There is no such page.", home: "/" })));
  });
  app.use(answerErrors(stores));
  return app;
}

/** No script runs here, not even our own; nothing is loaded from elsewhere; no other site frames the page. */
function secure(res: Response): void {
  res.set({
    "Content-Security-Policy":
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
  });
}

function answerErrors(stores: readonly DemoStore[]): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    // When a commit fails, the headers that were set so far are gone.
    secure(res);
    const [, first = ""] = req.originalUrl.split(/[/?]/);
    const home = stores.some(({ name }) => name === first) ? `/${first}` : "/";
    if (error instanceof SessionError && error.code === "ERR_SESSION_COOKIE_OVERFLOW") {
      currentStep()?.events.push("failed, so nothing was written");
      const text = "A cookie cannot hold that much, so nothing was changed.";
      res.status(413).send(String(errorPage({ text, error, home })));
      return;
    }
    if (error instanceof SessionError && error.code === "ERR_SESSION_STORE") {
      // The browser keeps its cookie, so all is as before once the store is back.
      console.error(error);
      const text = "The sessions cannot be reached at the moment. Nobody was signed out.";
      res.status(503).send(String(errorPage({ text, error, home })));
      return;
    }
    const status = statusOf(error);
    if (status >= 500) console.error(error);
    res.status(status).send(String(errorPage({ text: "That did not work.", home })));
  };
}

/** The status of an error that says so itself, as those of Express's own middleware do. */
function statusOf(error: unknown): number {
  const { status } = Object(error) as { readonly status?: unknown };
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

/** What the buttons of the page do. Every change is a POST and ends in a redirect to the page. */
import { Router } from "express";
import type { Request } from "express";
import { session } from "sojourn/express";
import { page } from "./views/page.ts";
import type { DemoStore } from "./stores.ts";
import { GOODS, KEYS } from "./visit.ts";
import type { Place } from "./visit.ts";
import { receivedCookie, visitorOf } from "./visitors.ts";
import { currentStep, startOf } from "./watch.ts";

const FULL_CART = 30;
const LONGEST_NAME = 40;
const LARGEST_BOX = 16 * 1024;

export function createRoutes(store: DemoStore, stores: readonly DemoStore[]): Router {
  const { sessions } = store;
  const { getSession, putSession, updateSession, deleteSession, renewSession, dropSession } =
    sessions;
  const home = `/${store.name}`;

  const router = Router();
  router.use(session(sessions));

  router.get("/", async (req, res) => {
    const user = getSession(req, "user_id");
    const devices =
      store.lists && user !== undefined
        ? await sessions.list(user, { label: "device", current: req })
        : undefined;
    const message = req.session.flash("message");
    const step = currentStep();
    if (message) step?.events.push("took the message");
    const visitor = visitorOf(req);
    const view = {
      store,
      stores,
      data: getSession(req),
      handle: req.session.handle,
      devices,
      message,
      received: receivedCookie(req, store.key),
      sent: visitor?.sent.get(store.key),
      startedAt: req.session.handle === undefined ? undefined : startOf(req.session.handle),
      refused: step?.refused,
      steps: visitor?.steps ?? [],
      now: Date.now(),
    };
    res.send(String(page(view)));
  });

  router.post("/sign-in", (req, res) => {
    const name = field(req, "name").trim();
    if (name !== "" && name.length <= LONGEST_NAME) {
      // A new token for new rights: who knew the cookie from before knows nothing now.
      renewSession(req);
      putSession(req, "user_id", name);
      putSession(req, "signed_in_at", new Date());
      const device = field(req, "device").trim().slice(0, LONGEST_NAME);
      if (device !== "") putSession(req, "device", device);
      leave(req, "visitor", `Welcome, ${name}.`);
    }
    res.redirect(303, `${home}#visitor`);
  });

  router.post("/sign-out", (req, res) => {
    dropSession(req);
    res.redirect(303, `${home}#visitor`);
  });

  router.post("/sign-out-device", async (req, res) => {
    const user = getSession(req, "user_id");
    if (store.lists && user !== undefined) {
      // Another user's handle does nothing here.
      await sessions.revokeOne(user, field(req, "handle"));
      leave(req, "devices", "That device is signed out.");
    }
    res.redirect(303, `${home}#devices`);
  });

  router.post("/sign-out-others", async (req, res) => {
    const user = getSession(req, "user_id");
    if (store.lists && user !== undefined) {
      renewSession(req); // Whoever has copied this cookie is one of the others.
      await sessions.revoke(user, { except: req });
      leave(req, "devices", "All other devices are signed out.");
    }
    res.redirect(303, `${home}#devices`);
  });

  router.post("/count", (req, res) => {
    updateSession(req, "count", (count = 0) => count + 1);
    res.redirect(303, `${home}#counter`);
  });

  router.post("/cart", (req, res) => {
    const item = GOODS.find((each) => each === field(req, "item"));
    const { length } = getSession(req, "cart") ?? [];
    if (length >= FULL_CART) {
      leave(req, "cart", "The cart is full.");
    } else if (item) {
      updateSession(req, "cart", (cart = []) => [...cart, item]);
      leave(req, "cart", `${item} is in the cart.`);
    }
    res.redirect(303, `${home}#cart`);
  });

  router.post("/renew", (req, res) => {
    if (req.session.handle !== undefined) {
      renewSession(req);
      leave(req, "more", "The cookie is a new one; the data is the same.");
    }
    res.redirect(303, `${home}#more`);
  });

  router.post("/fill", (req, res) => {
    // A cookie is full after a few of these: then the commit fails, and nothing is changed.
    updateSession(req, "box", (box = "") =>
      box.padEnd(Math.min(box.length + 1024, LARGEST_BOX), "x"),
    );
    res.redirect(303, `${home}#more`);
  });

  router.post("/forget", (req, res) => {
    const key = KEYS.find((each) => each === field(req, "key"));
    if (key) deleteSession(req, key);
    res.redirect(303, `${home}#server`);
  });

  return router;
}

/** Leaves a message for the page that the browser is sent to. */
function leave(req: Request, place: Place, text: string): void {
  req.session.flash("message", { place, text });
}

/** One field of a form; empty when it is missing or sent twice. */
function field(req: Request, name: string): string {
  const fields = (req.body ?? {}) as Readonly<Record<string, unknown>>;
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

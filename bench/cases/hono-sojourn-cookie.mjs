import { SECRET, onHono } from "../hosts.mjs";
import { useOnHono } from "../sojourn-routes.mjs";
import { cookieStore } from "../sojourn.mjs";

export const bench = onHono({
  name: "sojourn, sealed cookie",
  role: "sojourn",
  keeps: "cookie",
  build: (app) => useOnHono(app, cookieStore({ secret: SECRET })),
});

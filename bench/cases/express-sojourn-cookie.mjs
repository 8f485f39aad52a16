import { SECRET, onExpress } from "../hosts.mjs";
import { useOnExpress } from "../sojourn-routes.mjs";
import { cookieStore } from "../sojourn.mjs";

export const bench = onExpress({
  name: "sojourn, sealed cookie",
  role: "sojourn",
  keeps: "cookie",
  build: (app) => useOnExpress(app, cookieStore({ secret: SECRET })),
});

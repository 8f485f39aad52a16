import { onKoa, useSojourn } from "../../hosts/koa.mjs";
import { SECRET } from "../../shared/answers.mjs";
import { cookieStore } from "../../shared/sojourn.mjs";

export const bench = onKoa({
  name: "sojourn, sealed cookie",
  role: "sojourn",
  keeps: "cookie",
  build: (app) => useSojourn(app, cookieStore({ secret: SECRET })),
});

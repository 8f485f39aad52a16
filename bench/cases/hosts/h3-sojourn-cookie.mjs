import { onH3, useSojourn } from "../../hosts/h3.mjs";
import { SECRET } from "../../shared/answers.mjs";
import { cookieStore } from "../../shared/sojourn.mjs";

export const bench = onH3({
  name: "sojourn, sealed cookie",
  role: "sojourn",
  keeps: "cookie",
  build: (app) => useSojourn(app, cookieStore({ secret: SECRET })),
});

import { onFastify, useSojourn } from "../../hosts/fastify.mjs";
import { SECRET } from "../../shared/answers.mjs";
import { cookieStore } from "../../shared/sojourn.mjs";

export const bench = onFastify({
  name: "sojourn, sealed cookie",
  role: "sojourn",
  keeps: "cookie",
  build: (app) => useSojourn(app, cookieStore({ secret: SECRET })),
});

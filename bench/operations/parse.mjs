// Finding one cookie in a Cookie header.
import { KEY } from "../shared/answers.mjs";
import { load } from "../shared/sojourn.mjs";
import { fresh } from "./store.mjs";

const VALUE = "x".repeat(64);
const header = fresh(
  `theme=dark; _ga=GA1.1.1234567890.1763859600; ${KEY}=${VALUE}; locale=en-GB; consent=yes`,
);

const group = "cookie parse";

/** @type {import("./all.mjs").Operation[]} */
export const operations = [
  {
    group,
    name: "indexOf and slice",
    role: "limit",
    times: 20_000,
    setup: () => () => {
      const text = header();
      const start = text.indexOf(`${KEY}=`) + KEY.length + 1;
      return text.slice(start, text.indexOf(";", start));
    },
  },
  {
    group,
    name: "sojourn",
    role: "sojourn",
    times: 20_000,
    async setup() {
      const { readCookies } = await load("core/cookie/read-cookies");
      return () => readCookies(header(), KEY)[0];
    },
  },
  {
    group,
    name: "cookie (Express, Fastify, iron-session)",
    role: "peer",
    async setup() {
      const { parseCookie } = await import("cookie");
      return () => parseCookie(header())[KEY];
    },
  },
  {
    group,
    name: "cookies (cookie-session, Koa)",
    role: "peer",
    async setup() {
      const { default: Cookies } = await import("cookies");
      const options = { secure: false };
      return () => new Cookies({ headers: { cookie: header() } }, {}, options).get(KEY);
    },
  },
  {
    group,
    name: "hono/cookie",
    role: "peer",
    async setup() {
      const { parse } = await import("hono/utils/cookie");
      return () => parse(header(), KEY)[KEY];
    },
  },
];

// Sealing data into a cookie, and opening it.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { SECRET } from "../shared/answers.mjs";
import { cookieStore } from "../shared/sojourn.mjs";
import { secureSession } from "./secure-session.mjs";
import { DATA, fresh, newCookie, open, putting, setUp } from "./store.mjs";

/** @typedef {import("./all.mjs").Operation} Operation */

/** Cookies of different sessions: none of them is opened twice by the same store. */
const COOKIES = 2000;

const TEXT = JSON.stringify(DATA);
const key = createSecretKey(randomBytes(32));

/** @param {Buffer} nonce */
function rawSeal(nonce) {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(TEXT), cipher.final()]);
  return { nonce, body, tag: cipher.getAuthTag() };
}

/** @type {Operation[]} */
const opening = [
  {
    name: "JSON.parse of the data",
    role: "limit",
    setup() {
      const text = fresh(TEXT);
      return () => JSON.parse(text());
    },
  },
  {
    name: "AES-256-GCM of node:crypto",
    role: "limit",
    setup() {
      const { nonce, body, tag } = rawSeal(randomBytes(12));
      return () => {
        const cipher = createDecipheriv("aes-256-gcm", key, nonce);
        cipher.setAuthTag(tag);
        const plain = cipher.update(body);
        cipher.final();
        return plain;
      };
    },
  },
  {
    name: "sojourn, cookie seen before",
    role: "sojourn",
    times: 10_000,
    setup() {
      const backend = setUp(cookieStore({ secret: SECRET }));
      const cookie = fresh(newCookie(backend));
      return () => open(backend, cookie()).record.data["user_id"];
    },
  },
  {
    name: "sojourn, cookie not seen before",
    role: "sojourn",
    times: COOKIES,
    setup() {
      const another = () => setUp(cookieStore({ secret: SECRET }));
      let backend = another();
      const cookies = Array.from({ length: COOKIES }, () => fresh(newCookie(another())));
      let next = 0;
      return () => {
        if (next === COOKIES) {
          next = 0;
          backend = another();
        }
        return open(backend, cookies[next++]?.()).record.data["user_id"];
      };
    },
  },
  {
    name: "cookie-session: Keygrip, base64, JSON (signed only)",
    role: "peer",
    async setup() {
      const { default: Keygrip } = await import("keygrip");
      const keys = new Keygrip([SECRET]);
      const cookie = fresh(Buffer.from(TEXT).toString("base64"));
      const signature = keys.sign(`session=${cookie()}`);
      return () => {
        const value = cookie();
        if (!keys.verify(`session=${value}`, signature)) throw new Error("forged");
        return JSON.parse(Buffer.from(value, "base64").toString("utf8")).user_id;
      };
    },
  },
  {
    name: "@fastify/secure-session: decodeSecureSession (libsodium)",
    role: "peer",
    async setup() {
      const { app, session } = await secureSession(DATA);
      const cookie = fresh(app.encodeSecureSession(session));
      return () => app.decodeSecureSession(cookie()).get("user_id");
    },
  },
  {
    name: "iron-session: unsealData",
    role: "peer",
    async setup() {
      const { sealData, unsealData } = await import("iron-session");
      const cookie = fresh(await sealData(DATA, { password: SECRET }));
      return async () => (await unsealData(cookie(), { password: SECRET })).user_id;
    },
  },
  {
    name: "iron-webcrypto: unseal (h3, hono-sessions)",
    role: "peer",
    async setup() {
      const { defaults, seal, unseal } = await import("iron-webcrypto");
      const cookie = fresh(await seal(DATA, SECRET, defaults));
      return async () => (await unseal(cookie(), SECRET, defaults)).user_id;
    },
  },
];

/** @type {Operation[]} */
const sealing = [
  {
    name: "AES-256-GCM of node:crypto",
    role: "limit",
    setup: () => () => rawSeal(randomBytes(12)),
  },
  {
    name: "sojourn",
    role: "sojourn",
    setup() {
      const backend = setUp(cookieStore({ secret: SECRET }));
      const session = open(backend, newCookie(backend));
      const change = putting({ locale: "de-CH" });
      return () => session.write(change);
    },
  },
  {
    name: "cookie-session: JSON, base64, Keygrip (signed only)",
    role: "peer",
    async setup() {
      const { default: Keygrip } = await import("keygrip");
      const keys = new Keygrip([SECRET]);
      return () => {
        const value = Buffer.from(JSON.stringify(DATA)).toString("base64");
        return `${value}; ${keys.sign(`session=${value}`)}`;
      };
    },
  },
  {
    name: "@fastify/secure-session: encodeSecureSession (libsodium)",
    role: "peer",
    async setup() {
      const { app, session } = await secureSession(DATA);
      return () => app.encodeSecureSession(session);
    },
  },
  {
    name: "iron-session: sealData",
    role: "peer",
    async setup() {
      const { sealData } = await import("iron-session");
      return () => sealData(DATA, { password: SECRET });
    },
  },
  {
    name: "iron-webcrypto: seal (h3, hono-sessions)",
    role: "peer",
    async setup() {
      const { defaults, seal } = await import("iron-webcrypto");
      return () => seal(DATA, SECRET, defaults);
    },
  },
];

export const operations = [
  ...opening.map((each) => ({ ...each, group: "open" })),
  ...sealing.map((each) => ({ ...each, group: "seal" })),
];

// npm run bench:sealed: the processor time that the secret of a table store adds to one call of it.
//
// Noise only adds: other programs, the collection of garbage, a colder cache. So each call is measured in many short
// slices, all calls in turn, by the processor time of this process alone, and the least quartile of its slices counts.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import process from "node:process";
import { SECRET } from "./shared/answers.mjs";
import { DATA, newCookie, open, putting, setUp } from "./operations/store.mjs";
import { toText } from "./report/tables.mjs";
import { quantile } from "./shared/statistics.mjs";
import { createTable, tableStore } from "./shared/sojourn.mjs";

/** More cookies than the store remembers, in turn: each read meets a row that it has not seen lately. */
const COOKIES = 1500;
const SLICES = 80;
/** The first slices, in which V8 still compiles. */
const WARM_UP = 20;
const CALLS = 750;

/** The most microseconds that a secret may add. */
const GOALS = { remembered: 0.3, unseen: 8, write: 12 };

/**
 * @typedef {object} Measured
 * @property {string} name
 * @property {number | undefined} goal
 * @property {readonly ((call: number) => unknown)[]} ways without a secret, with one, and with AES-256-GCM alone
 * @property {(way: number) => void} [before] each slice, not measured
 */

const change = putting({ ...DATA, locale: "de-CH" });
const backends = [
  setUp(tableStore({ table: createTable() })),
  setUp(tableStore({ table: createTable(), secret: SECRET })),
];
const cookies = backends.map((backend) =>
  Array.from({ length: COOKIES }, () => newCookie(backend)),
);
/** @type {import("../src/core/store.ts").StoredSession[][]} */
const opened = [];
let next = 0;

/** @type {readonly Measured[]} */
const measured = [
  {
    name: "read of a remembered row",
    goal: GOALS.remembered,
    ways: backends.map((backend, way) => () => open(backend, cookies[way]?.[0])),
  },
  {
    name: "read of a row not seen lately",
    goal: GOALS.unseen,
    ways: [
      ...backends.map((backend, way) => () => open(backend, cookies[way]?.[next++ % COOKIES])),
      decryptAlone(),
    ],
  },
  {
    name: "write of an opened session",
    goal: GOALS.write,
    before(way) {
      const backend = backends[way];
      if (!backend) return;
      opened[way] = (cookies[way] ?? []).slice(0, CALLS).map((cookie) => open(backend, cookie));
    },
    ways: [
      ...backends.map(
        (_, way) => (/** @type {number} */ call) => opened[way]?.[call]?.write(change),
      ),
      encryptAlone(),
    ],
  },
  {
    name: "new session",
    goal: GOALS.write,
    ways: [...backends.map((backend) => () => backend.create(change)), encryptAlone()],
  },
];

/** @type {Map<(call: number) => unknown, number[]>} */
const slices = new Map(measured.flatMap(({ ways }) => ways.map((run) => [run, []])));
for (let slice = -WARM_UP; slice < SLICES; slice++) {
  for (const { ways, before } of measured) {
    for (const [way, run] of ways.entries()) {
      before?.(way);
      const start = process.cpuUsage();
      for (let call = 0; call < CALLS; call++) run(call);
      const { user, system } = process.cpuUsage(start);
      if (slice >= 0) slices.get(run)?.push((user + system) / CALLS);
    }
  }
}

console.log(
  toText({
    title: `Processor time of one call, least quartile of ${SLICES} slices, Node ${process.version}`,
    head: ["", "without a secret", "with one", "added", "goal", "AES-256-GCM alone"],
    rows: measured.map(({ name, goal, ways }) => {
      const [plain = NaN, sealed = NaN, alone] = ways.map((run) =>
        quantile(slices.get(run) ?? [], 0.25),
      );
      const added = sealed - plain;
      return [
        name,
        microseconds(plain),
        microseconds(sealed),
        microseconds(added),
        goal === undefined ? "" : `≤ ${microseconds(goal)} ${added <= goal ? "met" : "missed"}`,
        alone === undefined ? "" : microseconds(alone),
      ];
    }),
  }),
);

/** The least that sealing a row can cost with `node:crypto`: one key for all rows, one place, and base64url. */
function encryptAlone() {
  const { key, nonce, place, text } = aloneWith();
  return () => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(place);
    const head = cipher.update(text);
    cipher.final();
    return Buffer.concat([head, cipher.getAuthTag()]).toString("base64url");
  };
}

function decryptAlone() {
  const { key, nonce, place, text } = aloneWith();
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(place);
  const stored = Buffer.concat([cipher.update(text), cipher.final()]).toString("base64url");
  const tag = cipher.getAuthTag();
  return () => {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAAD(place);
    decipher.setAuthTag(tag);
    const head = decipher.update(Buffer.from(stored, "base64url"));
    decipher.final();
    return head.toString();
  };
}

/** A text as long as that of a row. */
function aloneWith() {
  const text = JSON.stringify({ data: DATA, digest: "d".repeat(43), createdAt: Date.now() });
  return { key: randomBytes(32), nonce: randomBytes(12), place: Buffer.alloc(60), text };
}

/** @param {number} value */
function microseconds(value) {
  return `${value.toFixed(1)} µs`;
}

// node bench/sealed-rows.mjs, after npm run build: the processor time that sealing adds to a read and a write of a row.
import process from "node:process";
import { SECRET } from "./shared/answers.mjs";
import { DATA, newCookie, open, putting, setUp } from "./operations/store.mjs";
import { median } from "./shared/statistics.mjs";
import { createTable, tableStore } from "./shared/sojourn.mjs";

/** More cookies than the store remembers, in turn: each read meets a row that it has not seen lately. */
const COOKIES = 1500;
const ROUNDS = 9;
const CALLS = 6000;

/** @param {import("../src/index.ts").SessionStore} store */
function costs(store) {
  const backend = setUp(store);
  const cookies = Array.from({ length: COOKIES }, () => newCookie(backend));
  const [first] = cookies;
  const change = putting({ ...DATA, locale: "de-CH" });
  return {
    "read, seen lately": microseconds(() => open(backend, first)),
    "read, not seen lately": microseconds((call) => open(backend, cookies[call % COOKIES])),
    "read, seen lately, and write": microseconds(() => open(backend, first).write(change)),
    "new session": microseconds(() => backend.create(change)),
  };
}

/**
 * Median of the processor time of one call.
 * @param {(call: number) => unknown} run
 */
function microseconds(run) {
  const rounds = Array.from({ length: ROUNDS + 2 }, () => {
    const start = process.cpuUsage();
    for (let call = 0; call < CALLS; call++) run(call);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / CALLS;
  });
  return median(rounds.slice(2));
}

const plain = costs(tableStore({ table: createTable() }));
const sealed = costs(tableStore({ table: createTable(), secret: SECRET }));
for (const [name, cost] of Object.entries(plain)) {
  const withSecret = sealed[/** @type {keyof typeof sealed} */ (name)];
  const added = (withSecret - cost).toFixed(1);
  console.log(
    `${name}: ${cost.toFixed(1)} us, with a secret ${withSecret.toFixed(1)} us: ${added} more`,
  );
}

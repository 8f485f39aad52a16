/** The command `npm run test:fuzz`. */
import { randomInt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz } from "./campaign.ts";
import { findingsOf, tableOf, withTable } from "./report.ts";
import { createWorld } from "./world.ts";

const USAGE = `npm run test:fuzz -- [count] [seed] [--from index] [--write]
  count    how many inputs; 1000000 unless given
  seed     what all inputs are made from; another one each time unless given
  --from   the index of the first input, to try one again
  --write  writes the figures into docs/reports/security.md
`;

/** npm runs its scripts in the package's folder. */
const PAGE = "docs/reports/security.md";

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { from: { type: "string", default: "0" }, write: { type: "boolean" } },
  });
  const [count = 1_000_000, seed = randomInt(2 ** 32), ...others] = positionals.map(Number);
  const from = Number(values.from);
  if (others.length > 0 || ![count, seed, from].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    process.stderr.write(USAGE);
    return 2;
  }

  process.stdout.write(`${count.toLocaleString("en")} inputs of seed ${seed} ...\n`);
  const world = await createWorld(seed);
  const start = performance.now();
  const figures = fuzz(world, { seed, count, from });
  const seconds = (performance.now() - start) / 1000;
  const table = tableOf(figures);
  const perSecond = Math.round(figures.inputs / seconds).toLocaleString("en");
  process.stdout.write(`${table}\n\n${seconds.toFixed(1)} s, ${perSecond} inputs per second\n`);

  if (figures.findings.length > 0) {
    process.stderr.write(`\n${findingsOf(figures)}\n`);
    return 1;
  }
  if (values.write) writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), table));
  return 0;
}

process.exitCode = await main();

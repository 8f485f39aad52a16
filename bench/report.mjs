// The results as tables for people.

/** @param {any} results as `results.json` holds them */
export function print(results) {
  const { node, cpu, cores, pinned, rounds, seconds, scenarios } = results;
  console.log(`Node ${node}, ${cpu}, ${cores} cores, ${rounds} rounds of ${seconds} s, medians`);
  console.log(
    pinned
      ? "Server on core 0, load on core 1."
      : "Server and load share the cores (taskset is missing): the figures by the clock say little.",
  );
  for (const { title, rows, ratios } of scenarios) {
    console.log(`\n${title[0].toUpperCase()}${title.slice(1)}\n`);
    printTable(
      2,
      [
        "host",
        "",
        "req/s",
        "spread",
        "of bare",
        "cost µs",
        "CPU µs",
        "CPU cost µs",
        "busy",
        "cookie B",
      ],
      rows.map(rowCells),
    );
    console.log("\nSession cost of a peer, as a multiple of ours\n");
    printTable(
      3,
      ["host", "ours", "peer", "by clock", "by CPU", "req/s ours:peer"],
      ratios.map(ratioCells),
    );
  }
  console.log(
    "\ncost: what sessions add to a request, 1 / (req/s) less that of the bare host; CPU: the server's own time," +
      "\nwhich other work on the machine disturbs less. Costs below the spread are noise.",
  );
}

/** @param {import("./summary.mjs").Row} row */
function rowCells({ host, name, rps, spread, toBare, cost, cpu, cpuCost, busy, cookieBytes }) {
  return [
    host,
    name,
    rps.toFixed(0),
    percent(spread),
    percent(toBare),
    cost.toFixed(1),
    cpu.toFixed(1),
    cpuCost.toFixed(1),
    percent(busy),
    String(cookieBytes || ""),
  ];
}

/** @param {import("./summary.mjs").Ratio} ratio */
function ratioCells({ host, ours, peer, cost, cpuCost, rps }) {
  return [host, ours, peer, times(cost), times(cpuCost), rps.toFixed(2)];
}

/**
 * A cost of nothing, or less, is a cost that the noise hides.
 * @param {number} ratio
 */
function times(ratio) {
  return Number.isFinite(ratio) && ratio > 0 ? `${ratio.toFixed(1)}x` : "noise";
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

/**
 * @param {number} names how many columns at the left are text
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function printTable(names, head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  );
  for (const cells of all) {
    const line = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < names ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${line.join("  ").trimEnd()}`);
  }
}

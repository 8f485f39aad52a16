// The picture of the README: what a session costs a request, host by host.
import { costIn } from "../parts/instructions.mjs";

const WIDTH = 860;
const LABELS = 290;
const VALUES = 150;
const BAR = 15;
const LINE = 22;
const HEAD = 34;
const TOP = 66;
const EXPLAINED =
  "; bars of one host are to scale; × is against ours that keeps the data in the same place";
const TITLES = { express: "Express", fastify: "Fastify", hono: "Hono", koa: "Koa", h3: "h3" };

/**
 * @typedef {object} Bar
 * @property {string} name
 * @property {boolean} ours
 * @property {number} value
 * @property {string} label
 */

/**
 * The picture as SVG; readable on a light and on a dark page.
 * @param {Record<string, any>} parts of the results
 * @returns {string}
 */
export function picture(parts) {
  const { unit, rows } = costs(parts);
  const groups = Object.entries(TITLES)
    .map(([host, title]) => ({ title, bars: barsOf(rows.filter((row) => row.host === host)) }))
    .filter(({ bars }) => bars.length > 0);
  let y = TOP;
  const body = groups.map(({ title, bars }) => {
    const group = [text(0, y + 18, title, "host")];
    y += HEAD - 6;
    const longest = Math.max(...bars.map(({ value }) => value));
    for (const bar of bars) {
      group.push(drawBar(bar, y, longest));
      y += LINE;
    }
    y += 6;
    return group.join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" width="${WIDTH}" role="img" aria-labelledby="title">
<title id="title">What a session adds to a request that reads one key, on five hosts: Sojourn beside its peers</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.headline { font-size: 18px; font-weight: 600 }
.host { font-size: 15px; font-weight: 600 }
.soft { fill: #59636e }
.own { font-weight: 600 }
.ours { fill: #1a7f5a }
.peer { fill: #a3acb6 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .soft { fill: #9198a1 }
  .ours { fill: #3fb98a }
  .peer { fill: #59636e }
}
</style>
${text(0, 22, "What a session adds to a request that reads one key", "headline")}
${text(0, 46, unit, "soft")}
${body.join("\n")}
</svg>
`;
}

/**
 * The cost of each row, by the steadiest measure there is.
 * @param {Record<string, any>} parts
 * @returns {{ unit: string, rows: (import("../parts/comparison.mjs").Entrant & { cost: number })[] }}
 */
function costs({ instructions, requests }) {
  if (instructions) {
    const { rows } = instructions;
    const unit = `Thousand instructions of the server's process${EXPLAINED}`;
    return {
      unit,
      rows: rows.map((/** @type {any} */ row) => ({
        ...row,
        cost: costIn(rows, row, "read") / 1e3,
      })),
    };
  }
  const read = requests?.scenarios.find((/** @type {any} */ { name }) => name === "read");
  if (!read) return { unit: "Not measured yet: npm run bench", rows: [] };
  const unit = `Microseconds of the server's CPU time${EXPLAINED}`;
  return {
    unit,
    rows: read.rows.map((/** @type {any} */ row) => ({ ...row, cost: row.cpuCost })),
  };
}

/**
 * Ours above its peers, first for data in the cookie, then for data in a table.
 * @param {(import("../parts/comparison.mjs").Entrant & { cost: number })[]} rows
 * @returns {Bar[]}
 */
function barsOf(rows) {
  return ["cookie", "table"].flatMap((keeps) => {
    const same = rows.filter((row) => row.keeps === keeps);
    const ours = same.find(({ role }) => role === "sojourn")?.cost ?? 0;
    return same.map(({ name, role, cost }) => {
      const value = Math.max(cost, 0);
      const against = role === "peer" && ours > 0 ? ` (${(value / ours).toFixed(1)}×)` : "";
      const label = `${value.toFixed(value < 10 ? 1 : 0)}${against}`;
      return { name, ours: role === "sojourn", value, label };
    });
  });
}

/**
 * @param {Bar} bar
 * @param {number} y
 * @param {number} longest
 */
function drawBar({ name, ours, value, label }, y, longest) {
  const room = WIDTH - LABELS - VALUES;
  const width = longest > 0 ? Math.max(1, (room * value) / longest) : 1;
  const kind = ours ? "ours" : "peer";
  return [
    text(12, y + 12, name, ours ? "own" : ""),
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
    text(LABELS + width + 8, y + 12, label, ours ? "own" : "soft"),
  ].join("\n");
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} kind
 */
function text(x, y, content, kind) {
  const escaped = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}"${kind ? ` class="${kind}"` : ""}>${escaped}</text>`;
}

// The picture of the README: what a session costs a request, host by host, to read and to write.
import { decimal } from "./format.mjs";

const WIDTH = 900;
const LABELS = 260;
/** Each of the two columns: its bars, and the figures beside them. */
const COLUMN = 320;
const VALUES = 105;
const BAR = 15;
const LINE = 22;
const HEAD = 34;
const TOP = 92;
const EXPLAINED =
  "µs of the server's CPU time; bars of one host and column are to scale; × is against ours that keeps the data in the same place";
const TITLES = { express: "Express", fastify: "Fastify", hono: "Hono", koa: "Koa", h3: "h3" };
const COLUMNS = /** @type {const} */ (["read", "write"]);

/**
 * @typedef {object} Line one case
 * @property {string} name
 * @property {boolean} ours
 * @property {{ value: number, label: string }[]} bars one for each column
 */

/**
 * The picture as SVG; readable on a light and on a dark page.
 * @param {Record<string, any>} parts of the results
 * @returns {string}
 */
export function picture(parts) {
  const groups = Object.entries(TITLES)
    .map(([host, title]) => ({ title, lines: linesOf(parts, host) }))
    .filter(({ lines }) => lines.length > 0);
  let y = TOP;
  const body = groups.map(({ title, lines }) => {
    const group = [text(0, y + 18, title, "host")];
    y += HEAD - 6;
    const longest = COLUMNS.map((_, at) =>
      Math.max(...lines.map(({ bars }) => bars[at]?.value ?? 0)),
    );
    for (const line of lines) {
      group.push(drawLine(line, y, longest));
      y += LINE;
    }
    y += 6;
    return group.join("\n");
  });
  const names = COLUMNS.map((name, at) =>
    text(LABELS + at * COLUMN, TOP - 20, `to ${name}`, "own"),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" width="${WIDTH}" role="img" aria-labelledby="title">
<title id="title">What a session adds to a request that reads one key, and to one that writes one, on five hosts: Sojourn beside its peers</title>
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
${text(0, 22, "What a session adds to a request", "headline")}
${text(0, 46, groups.length > 0 ? EXPLAINED : "Not measured yet: npm run bench", "soft")}
${names.join("\n")}
${body.join("\n")}
</svg>
`;
}

/**
 * The cost of each row.
 * @param {Record<string, any>} parts
 * @param {string} scenario
 * @returns {import("../parts/requests.mjs").Row[]}
 */
function rowsOf({ requests }, scenario) {
  return requests?.scenarios.find((/** @type {any} */ { name }) => name === scenario)?.rows ?? [];
}

/**
 * Ours above its peers, first for data in the cookie, then for data in a table.
 * @param {Record<string, any>} parts
 * @param {string} host
 * @returns {Line[]}
 */
function linesOf(parts, host) {
  const columns = COLUMNS.map((name) => rowsOf(parts, name).filter((row) => row.host === host));
  return ["cookie", "table"].flatMap((keeps) => {
    const [rows = [], ...others] = columns.map((all) => all.filter((row) => row.keeps === keeps));
    return rows.map(({ name, role }) => ({
      name,
      ours: role === "sojourn",
      bars: [rows, ...others].map((all) => barOf(all, name)),
    }));
  });
}

/**
 * @param {readonly import("../parts/requests.mjs").Row[]} rows of one host, scenario and place of the data
 * @param {string} name
 */
function barOf(rows, name) {
  const row = rows.find((each) => each.name === name);
  const ours = rows.find(({ role }) => role === "sojourn")?.cost ?? 0;
  const value = Math.max(row?.cost ?? 0, 0);
  const against = row?.role === "peer" && ours > 0 ? ` (${decimal(value / ours)}×)` : "";
  return { value, label: `${decimal(value, value < 10 ? 1 : 0)}${against}` };
}

/**
 * @param {Line} line
 * @param {number} y
 * @param {readonly number[]} longest of each column
 */
function drawLine({ name, ours, bars }, y, longest) {
  const drawn = bars.map(({ value, label }, at) => {
    const x = LABELS + at * COLUMN;
    const most = longest[at] ?? 0;
    const width = most > 0 ? Math.max(1, ((COLUMN - VALUES) * value) / most) : 1;
    return [
      `<rect class="${ours ? "ours" : "peer"}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      text(x + width + 8, y + 12, label, ours ? "own" : "soft"),
    ].join("\n");
  });
  return [text(12, y + 12, name, ours ? "own" : ""), ...drawn].join("\n");
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

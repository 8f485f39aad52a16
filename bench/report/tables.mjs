// Tables for people: on a terminal, and as Markdown.

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} head
 * @property {readonly (readonly string[])[]} rows
 * @property {number} [names] how many columns at the left are text; default 1
 */

/** @param {Table} table */
export function toText({ title, head, rows, names = 1 }) {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  );
  const lines = all.map((cells) => {
    const line = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < names ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${line.join("  ")}`.trimEnd();
  });
  return `${title}\n\n${lines.join("\n")}\n`;
}

/** @param {Table} table */
export function toMarkdown({ title, head, rows, names = 1 }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column < names ? "---" : "---:"));
  return [`**${title}**`, "", line(head), line(rule), ...rows.map(line)].join("\n");
}

/** The page with a table in its place, which a command prints. */
export function withTable(page: string, command: string, table: string): string {
  const begin = `<!-- The suite prints this table: ${command} -->`;
  const end = "<!-- The end of the table. -->";
  const start = page.indexOf(begin);
  const stop = page.indexOf(end, start);
  if (start === -1 || stop === -1) throw new Error(`the page has no "${begin}" before "${end}"`);
  return `${page.slice(0, start)}${begin}\n\n${table}\n\n${page.slice(stop)}`;
}

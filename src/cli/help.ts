import type { Command } from "./command.ts";
import { COMMON } from "./read-call.ts";

/** Writes the help of all commands. */
export function usage(commands: readonly Command[]): string {
  const forms = commands.flatMap(formsOf);
  return `Usage: npx sojourn <command>

${columns(forms)}
npx sojourn <command> --help says more of one. npx sojourn --version prints the version.
`;
}

/** Writes the help of one command. */
export function usageOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON }).map(
    ([name, { value, help }]) => [`--${name}${value ? ` <${value}>` : ""}`, help] as const,
  );
  return `Usage:

${columns(formsOf(command).map(([words, does]) => [`npx sojourn ${words}`, does]))}
Options:

${columns(options)}`;
}

function formsOf({ name, forms }: Command): (readonly [string, string])[] {
  return forms.map(([words, does]) => [`${name} ${words}`.trim(), does]);
}

/** Draws lines of which each column is as wide as its longest text. */
export function columns(lines: readonly (readonly string[])[], indent = "  "): string {
  const widths = (lines[0] ?? []).map((_, at) =>
    Math.max(...lines.map((line) => line[at]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  "))
    .map((line) => `${indent}${line.trimEnd()}\n`)
    .join("");
}

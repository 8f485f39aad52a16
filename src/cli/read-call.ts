import { parseArgs } from "node:util";
import { WrongCall } from "./command.ts";
import type { Call, Command, CommandOption } from "./command.ts";
import { nearest } from "./nearest.ts";

/** The options that every command has. */
export const COMMON: Readonly<Record<string, CommandOption>> = {
  json: { type: "boolean", help: "prints JSON" },
  help: { type: "boolean", help: "prints this" },
};

/** Reads the words behind a command. @throws WrongCall for an option that is not there or lacks its value */
export function readCall(command: Command, words: readonly string[]): Call {
  const options = { ...command.options, ...COMMON };
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) {
      throw new WrongCall(
        unknown(`${command.name} has no option ${rawName}`, name, Object.keys(options), "--"),
      );
    }
    // A following option is no value.
    const lacks = value === undefined || value === "" || (!token.inlineValue && value[0] === "-");
    if (option.type === "string" && lacks) {
      throw new WrongCall(`${rawName} needs a value: ${rawName} <${option.value ?? "text"}>`);
    }
    if (option.type === "boolean" && value !== undefined) {
      throw new WrongCall(`${rawName} takes no value`);
    }
  }
  return {
    positionals,
    text(option) {
      const value = values[option];
      return typeof value === "string" ? value : undefined;
    },
    isSet: (option) => values[option] === true,
  };
}

/** Says what is unknown, and which known word is nearest. */
export function unknown(what: string, word: string, words: Iterable<string>, before = ""): string {
  const near = nearest(word, words);
  return near === undefined ? what : `${what}; did you mean ${before}${near}?`;
}

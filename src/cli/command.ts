/** What a command of `npx sojourn` is made of. */
import type { Awaitable } from "../core/awaitable.ts";

/** An option of a command. */
export interface CommandOption {
  readonly type: "string" | "boolean";
  /** The word for its value in the help. */
  readonly value?: string;
  readonly help: string;
}

/** The words that follow a command. */
export interface Call {
  readonly positionals: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly isSet: (option: string) => boolean;
}

/** What a command prints: for people, or with `--json` for programs. */
export interface Output {
  readonly text: string;
  readonly json: unknown;
  /** Whether what is printed is a fault: exit code 1. */
  readonly isFaulty?: boolean;
}

export interface Command {
  readonly name: string;
  /** Each way to call it, and what it then does. */
  readonly forms: readonly (readonly [words: string, does: string])[];
  readonly options: Readonly<Record<string, CommandOption>>;
  run(call: Call): Awaitable<Output>;
}

/** A call that no command understands: exit code 2. */
export class WrongCall extends Error {}

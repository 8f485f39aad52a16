#!/usr/bin/env node
import { readFileSync } from "node:fs";
import process from "node:process";
import { ddl } from "./commands/ddl.ts";
import { doctor } from "./commands/doctor.ts";
import { list } from "./commands/list.ts";
import { revoke } from "./commands/revoke.ts";
import { secret } from "./commands/secret.ts";
import { sweep } from "./commands/sweep.ts";
import { WrongCall } from "./command.ts";
import { usage, usageOf } from "./help.ts";
import { readCall, unknown } from "./read-call.ts";

const COMMANDS = [secret, ddl, list, revoke, sweep, doctor];

/** The exit codes. */
const DONE = 0;
const FAILED = 1;
const WRONG_CALL = 2;

interface Printed {
  readonly text: string;
  readonly code: number;
}

/** Gives what is printed. @throws WrongCall if there is no such command */
async function answer([word, ...words]: readonly string[]): Promise<Printed> {
  const done = (text: string): Printed => ({ text, code: DONE });
  if (word === undefined || word === "--help" || word === "-h") return done(usage(COMMANDS));
  if (word === "--version" || word === "-v") return done(`${version()}\n`);
  if (word === "help")
    return done(words[0] === undefined ? usage(COMMANDS) : usageOf(find(words[0])));
  const command = find(word);
  const call = readCall(command, words);
  if (call.isSet("help")) return done(usageOf(command));
  const { text, json, isFaulty = false } = await command.run(call);
  const code = isFaulty ? FAILED : DONE;
  return { text: call.isSet("json") ? `${JSON.stringify(json)}\n` : text, code };
}

function find(word: string): (typeof COMMANDS)[number] {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command) return command;
  const names = COMMANDS.map(({ name }) => name);
  throw new WrongCall(unknown(`there is no command ${word}`, word, names));
}

function version(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Says what failed, in one line for each cause. */
function reasons(error: unknown): string {
  const { message, cause } = Object(error) as Partial<Error>;
  const line = message ?? String(error);
  const isTold = cause === undefined || line.includes(String(Object(cause).message));
  return isTold ? `${line}\n` : `${line}\n  ${reasons(cause)}`;
}

/** Writes all of the text, and then ends the process: a database of the application would keep it. */
function end(stream: NodeJS.WriteStream, text: string, code: number): void {
  // A reader that has gone, such as `head`, has all that it wants.
  stream.on("error", ({ code: why, message }: NodeJS.ErrnoException) => {
    if (why !== "EPIPE") process.stderr.write(`cannot write: ${message}\n`);
    process.exit(why === "EPIPE" ? code : FAILED);
  });
  stream.write(text, (error) => {
    if (!error) process.exit(code);
  });
}

async function main(words: readonly string[]): Promise<void> {
  try {
    const { text, code } = await answer(words);
    end(process.stdout, text, code);
  } catch (error) {
    const hint = "npx sojourn --help lists the commands.\n";
    if (error instanceof WrongCall) end(process.stderr, `${error.message}\n${hint}`, WRONG_CALL);
    else end(process.stderr, reasons(error), FAILED);
  }
}

void main(process.argv.slice(2));

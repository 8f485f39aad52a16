import { WrongCall } from "../command.ts";
import type { Call, CommandOption } from "../command.ts";

/** The option with which a word of the command line is a number: `7` and `"7"` are two subjects. */
export const NUMBER: Readonly<Record<string, CommandOption>> = {
  number: { type: "boolean", help: "the subject is a number, and not text" },
};

/** Reads the subject, which is the one word behind the command. @throws WrongCall if it is none */
export function subjectOf({ positionals, isSet }: Call, command: string): string | number {
  const [subject, ...more] = positionals;
  if (subject === undefined || more.length > 0) {
    throw new WrongCall(`${command} takes one subject: whose sessions they are`);
  }
  if (!isSet("number")) return subject;
  const number = Number(subject);
  if (subject.trim() === "" || !Number.isFinite(number)) {
    throw new WrongCall(`${subject} is no number`);
  }
  return number;
}

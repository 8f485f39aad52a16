#!/usr/bin/env node
import { newSecret } from "../crypto/secret.ts";

const USAGE = `Usage: npx sojourn <command>

  secret   prints a new secret for cookieStore({ secret }); keep it in the environment
`;

const [command, ...rest] = process.argv.slice(2);
if (command === "secret" && rest.length === 0) {
  console.log(newSecret());
} else {
  const asked = command === undefined || command === "help" || command === "--help";
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = asked ? 0 : 2;
}

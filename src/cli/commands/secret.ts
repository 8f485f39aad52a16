import { newSecret } from "../../crypto/secret.ts";
import type { Command } from "../command.ts";

export const secret: Command = {
  name: "secret",
  forms: [["", "prints a new secret for a store; keep it in the environment"]],
  options: {},
  run() {
    const made = newSecret();
    return { text: `${made}\n`, json: { secret: made } };
  },
};

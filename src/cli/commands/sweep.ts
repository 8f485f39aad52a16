import { LATE } from "../../stores/table-access/sweeps.ts";
import { now } from "../clock.ts";
import { CONFIG, loadConfig } from "../config.ts";
import { WrongCall } from "../command.ts";
import type { Command } from "../command.ts";

export const sweep: Command = {
  name: "sweep",
  forms: [["", "removes the rows of sessions that have ended, five minutes late"]],
  options: CONFIG,
  async run(call) {
    if (call.positionals.length > 0) throw new WrongCall("sweep takes options alone");
    const { file, table } = await loadConfig(call);
    if (!table) throw new Error(`${file} exports no table: export const table = ...`);
    if (!table.sweep) {
      return { text: "the database removes dead rows by itself\n", json: { swept: null } };
    }
    const swept = await table.sweep(now() - LATE);
    return { text: `removed ${swept} ${swept === 1 ? "row" : "rows"}\n`, json: { swept } };
  },
};

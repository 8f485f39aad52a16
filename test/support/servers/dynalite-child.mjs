// dynalite in a process of its own, so that it does not take turns with the tests. Prints its port.
import process from "node:process";
import { load } from "../../tools/load.mjs";

const { default: dynalite } = /** @type {any} */ (await load("dynalite"));
const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
// It ends with the tests, also if they are killed.
process.stdin.on("end", () => process.exit()).resume();

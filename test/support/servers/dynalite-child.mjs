// dynalite in a process of its own, so that it does not take turns with the tests. Prints its port.
// Arguments, if it has to be found again: the port, and the folder of its data.
import process from "node:process";
import { load } from "../../tools/load.mjs";

const { default: dynalite } = /** @type {any} */ (await load("dynalite"));
const [port = "0", path] = process.argv.slice(2);
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, path });
server.listen(Number(port), "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
// It ends with the tests, also if they are killed.
if (path === undefined) process.stdin.on("end", () => process.exit()).resume();

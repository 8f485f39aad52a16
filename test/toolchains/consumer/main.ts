/** Prints what the visit has seen. */
import { visit } from "./visit.js";

void visit().then((seen) => process.stdout.write(`${JSON.stringify(seen)}\n`));

// One case in a process of its own: `node server.mjs <case file>`. Tells the parent its port, then its CPU
// time, in microseconds, whenever it is asked.
import process from "node:process";

const [file = ""] = process.argv.slice(2);
/** @type {{ bench: import("./answers.mjs").Case }} */
const { bench } = await import(new URL(`../cases/${file}`, import.meta.url).href);
const server = await bench.create();

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { name, role, keeps } = bench;
  process.send?.({ port, name, role, keeps });
});

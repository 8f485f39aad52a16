/** Starts the demo: `npm start`, then http://localhost:3000. */
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { openStores } from "./stores.ts";
import type { DemoStore } from "./stores.ts";

function listen(stores: readonly DemoStore[]): void {
  const server = createApp(stores).listen(Number(process.env["PORT"] ?? 3000), (error?: Error) => {
    // Express 5 hands a port that cannot be had to this callback.
    if (error) giveUp(`${error.message}\nAnother port: PORT=3001 npm start`);
    const { port } = server.address() as AddressInfo;
    console.log(`Sojourn demo: http://localhost:${port}`);
  });
}

/** Ends the process, also where the client of a database would keep it. */
function giveUp(reason: string): never {
  console.error(reason);
  process.exit(1);
}

try {
  listen(await openStores(process.env));
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error));
}

/** Starts the demo: `npm start`, then http://localhost:3000. */
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { openStores } from "./stores.ts";

const app = createApp(openStores(process.env));

const server = app.listen(Number(process.env["PORT"] ?? 3000), (error?: Error) => {
  // Express 5 hands a port that cannot be had to this callback.
  if (error) {
    console.error(`${error.message}\nAnother port: PORT=3001 npm start`);
    process.exitCode = 1;
    return;
  }
  const { port } = server.address() as AddressInfo;
  console.log(`Sojourn demo: http://localhost:${port}`);
});

/** Starts the application, asks it once, and prints the answer and the cookie's name. */
import type { AddressInfo } from "node:net";
import { app } from "./app.js";
import "./hosts.js";

async function visit(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}`);
  const [cookie = ""] = answer.headers.getSetCookie();
  process.stdout.write(`${await answer.text()} ${cookie.split("=")[0]}\n`);
}

const server = app.listen(0, "127.0.0.1", () => {
  void visit((server.address() as AddressInfo).port).finally(() => server.close());
});

import { hostContract } from "../contracts/hosts/host.ts";
import { hosts } from "../contracts/hosts/hosts.ts";

// Those over HTTP/2 have a file, and so a process, of their own to be done sooner; hosts-hono.test.ts has its reason.
for (const { driver, folder } of hosts) {
  if (driver.protocol === "http/1.1" && folder !== "hono") hostContract(driver);
}

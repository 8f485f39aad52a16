import { hostContract } from "../contracts/hosts/host.ts";
import { hosts } from "../contracts/hosts/hosts.ts";

for (const { driver, folder } of hosts) {
  if (driver.protocol === "http/2" && folder !== "hono") hostContract(driver);
}

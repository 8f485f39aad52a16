import { hostContract } from "../contract/host.ts";
import { hosts } from "../contract/hosts.ts";

for (const { driver, folder } of hosts) {
  if (driver.protocol === "http/2" && folder !== "hono") hostContract(driver);
}

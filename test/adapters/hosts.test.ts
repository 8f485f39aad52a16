import { hostContract } from "../contract/host.ts";
import { honoHost } from "../contract/host-hono.ts";
import { hosts } from "../contract/hosts.ts";

for (const { driver } of hosts) {
  // hosts-hono.test.ts says why.
  if (driver !== honoHost) hostContract(driver);
}

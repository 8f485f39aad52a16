import { hostContract } from "../contracts/hosts/host.ts";
import { hosts } from "../contracts/hosts/hosts.ts";

// In a file, and so in a process, of its own: Hono's server for Node replaces the global Request and Response, and
// what other hosts have made from the old ones is then no Response any more.
for (const { driver, folder } of hosts) if (folder === "hono") hostContract(driver);

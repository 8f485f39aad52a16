import { hostContract } from "../contract/host.ts";
import { honoHost } from "../contract/host-hono.ts";

// In a file, and so in a process, of its own: Hono's server for Node replaces the global Request and Response, and
// what other hosts have made from the old ones is then no Response any more.
hostContract(honoHost);

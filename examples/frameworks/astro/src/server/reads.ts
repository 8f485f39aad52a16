import { subscribe } from "node:diagnostics_channel";

/** How many sessions were opened, for the driver of the tests. */
const shared = globalThis as { reads?: number };

export function reads(): number {
  if (shared.reads === undefined) {
    shared.reads = 0;
    subscribe("sojourn:fetch", () => void (shared.reads = (shared.reads ?? 0) + 1));
  }
  return shared.reads;
}

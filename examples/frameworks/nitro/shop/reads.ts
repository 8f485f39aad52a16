import { subscribe } from "node:diagnostics_channel";

/** How many stored sessions were opened, for the driver of the tests. */
const shared = globalThis as { reads?: number };

export function reads(): number {
  if (shared.reads === undefined) {
    shared.reads = 0;
    subscribe("sojourn:fetch", (message) => {
      // Nobody's session is opened as well, where an answer may stream.
      if ((message as { handle?: string }).handle !== undefined) shared.reads = reads() + 1;
    });
  }
  return shared.reads;
}

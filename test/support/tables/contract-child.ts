import type { TableChild } from "../../../src/testing/contract/open-table.ts";

/** How a process of its own opens a store in the table contract, with the built package: what open-table.mjs takes. */
export function contractChild(kind: string, place: string, name = ""): TableChild {
  return { file: new URL("contract-child.mjs", import.meta.url), args: [kind, place, name] };
}

import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import { confide } from "./leaks.ts";

/** A handle, as it stands in a row of a subject: it may be said. */
const HANDLE = /"[\w-]{22}"/;

/** The same table. The rows that go through it, with their data and the hash of their secret, must not be said. */
export function confideRows<T extends SessionTable>(table: T): T {
  return new Proxy(table, {
    get(target, name): unknown {
      const verb: unknown = Reflect.get(target, name, target);
      if (typeof verb !== "function") return verb;
      return (...args: unknown[]): unknown => {
        for (const each of args.filter(isRow)) each.value.split(HANDLE).map(confide);
        return verb.apply(target, args) as unknown;
      };
    },
  });
}

function isRow(value: unknown): value is SessionRow {
  return typeof value === "object" && value !== null && "value" in value;
}

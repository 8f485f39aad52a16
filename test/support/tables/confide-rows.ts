import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { confide } from "../leaks.ts";

/** What stands in a row and may be said, or is new in each: handles and times. */
const PUBLIC = /"[\w-]{22}"|\d{13,}/;
/** The hash of a secret. */
const DIGEST = /"([\w-]{43})"/;

/** The same table. The rows that go through it, with their data and the hash of their secret, must not be said. */
export function confideRows<T extends SessionTable>(table: T): T {
  return new Proxy(table, {
    get(target, name): unknown {
      const verb: unknown = Reflect.get(target, name, target);
      if (typeof verb !== "function") return verb;
      return (...args: unknown[]): unknown => {
        for (const { value } of args.filter(isRow)) {
          for (const part of value.split(PUBLIC).flatMap((each) => each.split(DIGEST)))
            confide(part);
        }
        return verb.apply(target, args) as unknown;
      };
    },
  });
}

function isRow(value: unknown): value is SessionRow {
  return typeof value === "object" && value !== null && "value" in value;
}

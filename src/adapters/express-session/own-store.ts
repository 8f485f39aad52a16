import { usageError } from "../../core/errors.ts";
import { exchangeOf } from "./exchanges.ts";
import { Store } from "./store.ts";
import type { Done } from "./session.ts";

/**
 * The `req.sessionStore` over a store of ours. It has the methods and events of express-session. A session of ours is opened
 * by its cookie alone, and not by its id, so that what asks by an id gets an error.
 */
export function createOwnStore(): InstanceType<typeof Store> {
  const store = new Store();
  const refuse = (...args: readonly unknown[]): void => {
    const done = args.find((arg) => typeof arg === "function") as Done | undefined;
    const error = usageError(
      "req.sessionStore cannot open a session by its id: with a store of Sojourn only the cookie opens it. Use the methods " +
        "of req.session, or pass a store of express-session",
    );
    if (!done) throw error;
    process.nextTick(done, error);
  };
  store.get = refuse;
  store.set = refuse;
  store.destroy = refuse;
  store.generate = (req) => exchangeOf(req)?.generate();
  return store;
}

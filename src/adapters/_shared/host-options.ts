import { configError, describe, refuseUnknownOptions } from "../../core/errors.ts";
import type { HostOptions } from "../../core/types.ts";

/** The options of a host's `session(...)`, checked and filled in. */
export interface ReadHostOptions {
  readonly as: string;
  readonly fetch: boolean;
  readonly anonymousOnError: boolean;
}

/** Reads the options of a host. @throws ERR_SESSION_CONFIG if an option is unknown or cannot work */
export function readHostOptions(options: HostOptions = {}): ReadHostOptions {
  if (typeof options !== "object" || options === null) {
    throw configError(`the options of session(...) must be an object, got ${describe(options)}`);
  }
  const { as = "session", fetch = true, onStoreError = "throw", ...others } = options;
  refuseUnknownOptions("session(...)", others, ["as", "fetch", "onStoreError"]);
  if (typeof as !== "string" || as === "") {
    throw configError(`as must be the name of a property, got ${describe(as)}`);
  }
  if (typeof fetch !== "boolean") {
    throw configError(`fetch must be true or false, got ${describe(fetch)}`);
  }
  if (onStoreError !== "throw" && onStoreError !== "anonymous") {
    throw configError(`onStoreError must be "throw" or "anonymous", got ${describe(onStoreError)}`);
  }
  return { as, fetch, anonymousOnError: onStoreError === "anonymous" };
}

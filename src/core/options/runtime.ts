import { configError } from "../errors.ts";

/**
 * Refuses a runtime without the globals of Node that Sojourn uses. The runtime itself reports a missing module when the
 * application starts, but a missing global would only fail the first request.
 * @throws ERR_SESSION_CONFIG if a global is missing
 */
export function requireRuntime(): void {
  const found: Readonly<Record<string, unknown>> = globalThis;
  const missing = ["Buffer", "setImmediate", "performance"].filter((name) => !found[name]);
  if (missing.length === 0) return;
  throw configError(
    `this runtime has no ${missing.join(", ")}; in workerd, set compatibility_date to 2024-09-23 or later ` +
      `and the flag nodejs_compat`,
  );
}

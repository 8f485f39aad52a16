/** What test/project/leak-watch.test.ts runs: one secret, said wherever LEAK says. */
import { channel } from "node:diagnostics_channel";
import { test } from "vitest";
import { SessionError } from "../../../src/core/errors.ts";
import { canary } from "../../support/leaks.ts";

const secret = canary();

const WAYS: Readonly<Record<string, () => unknown>> = {
  "console.warn": () => {
    // oxlint-disable-next-line no-console -- the leak
    console.warn("the row is %j", { value: secret });
  },
  "process.stderr": () => process.stderr.write(`${Buffer.from(secret).toString("hex")}\n`),
  "a warning": () => process.emitWarning(`a cookie of ${encodeURIComponent(secret)} is odd`),
  "event sojourn:refuse": () =>
    channel("sojourn:refuse").publish({
      key: "sid",
      reason: Buffer.from(secret).toString("base64"),
    }),
  "a SessionError": () => new SessionError("ERR_SESSION_USE", `what is ${secret}?`),
  "the cause of a SessionError": () =>
    new SessionError("ERR_SESSION_STORE", "the store failed", {
      cause: Object.assign(new Error("no room"), { command: { args: ["SET", secret] } }),
    }),
};

test("says nothing but what LEAK asks for", async () => {
  for (const way of (process.env["LEAK"] ?? "").split(",").filter(Boolean)) WAYS[way]?.();
  await new Promise((resolve) => setImmediate(resolve)); // A warning comes later.
});

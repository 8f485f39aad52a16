import { publish, publishEnd } from "../events.ts";
import type { Saved } from "../store.ts";
import type { CommitPlan } from "./plan-commit.ts";

/** Publishes what a commit has done to the stored session. */
export function tellCommit(
  plan: Exclude<CommitPlan, { type: "none" | "stop" | "drop" }>,
  key: string,
  saved: Saved,
): void {
  const { handle, endedId, rotation } = saved;
  if (plan.type === "renew") publishEnd("renew", key, { handle, endedId }, plan.reason);
  else publish("commit", key, handle, plan.type);
  if (rotation === "issued") publishEnd("renew", key, { handle, endedId: undefined }, "interval");
  if (rotation === "unpresented")
    publishEnd("renew", key, { handle, endedId: undefined }, rotation);
  if (rotation === "presented") publish("retire", key, handle, "presented");
}

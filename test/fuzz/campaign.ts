/** A run of the fuzzer: inputs of one seed against all targets, counted. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Refusal, SessionEvents } from "../../src/core/events.ts";
import { makeInput } from "./make-input.ts";
import type { Input } from "./make-input.ts";
import { Random } from "./random.ts";
import type { Result, Target } from "./target.ts";
import type { World } from "./world.ts";

export interface Run {
  readonly seed: number;
  /** How many inputs. */
  readonly count: number;
  /** The index of the first one. Default 0. */
  readonly from?: number;
  /** The run ends at so many findings: they are likely to be one. Default 10. */
  readonly enough?: number;
}

/** Why a cookie opened nothing. What no cookie decides is left out: these applications have no schema. */
type Reason = Exclude<Refusal, "schema"> | "expired";

/** An input that did what none may do. */
export interface Finding {
  readonly index: number;
  readonly target: string;
  readonly input: Input;
  readonly fault: string;
}

/** What a run came to. The same for the same seed and count, on every machine. */
export interface Figures {
  readonly seed: number;
  readonly inputs: number;
  readonly headers: number;
  readonly values: number;
  readonly targets: number;
  /** How often a cookie that was issued, and nothing was wrong with, opened its own session. */
  readonly opened: number;
  /** The most cookies that one header made a store open. */
  readonly mostOpenings: number;
  readonly refused: Readonly<Record<Reason, number>>;
  readonly findings: readonly Finding[];
}

export function fuzz(
  { targets, collections }: World,
  { seed, count, from = 0, enough = 10 }: Run,
): Figures {
  const refusals = new Refusals();
  const findings: Finding[] = [];
  const counts = { inputs: 0, headers: 0, values: 0, opened: 0, mostOpenings: 0 };
  refusals.listen();
  try {
    for (let index = from; index < from + count && findings.length < enough; index++) {
      const input = makeInput(new Random(seed, index), collections);
      counts.inputs++;
      counts[`${input.kind}s`]++;
      for (const target of targets) {
        const { fault, opened, openings } = offer(target, input, refusals);
        if (opened !== undefined) counts.opened++;
        counts.mostOpenings = Math.max(counts.mostOpenings, openings);
        if (fault !== undefined) findings.push({ index, target: target.title, input, fault });
      }
    }
  } finally {
    refusals.stop();
  }
  return { seed, ...counts, targets: targets.length, refused: refusals.counts, findings };
}

function offer(target: Target, { kind, text }: Input, refusals: Refusals): Result {
  try {
    if (kind === "header") return target.offerHeader(text, () => refusals.total);
    const result = target.offerValue(text);
    if (result.refusal) refusals.add(result.refusal as Reason);
    return result;
  } catch (error) {
    return { fault: `threw ${String(error)}`, opened: undefined, openings: 0 };
  }
}

/** Counts the events in which cookies are refused, or too old. */
class Refusals {
  total = 0;
  readonly counts: Record<Reason, number> = {
    malformed: 0,
    forged: 0,
    "unknown-format": 0,
    unknown: 0,
    "unknown-token": 0,
    retired: 0,
    expired: 0,
    revoked: 0,
    ambiguous: 0,
    "too-many": 0,
  };
  readonly #refused = (event: unknown): void => {
    this.add((event as SessionEvents["refuse"]).reason as Reason);
  };
  readonly #expired = (): void => this.add("expired");

  listen(): void {
    subscribe("sojourn:refuse", this.#refused);
    subscribe("sojourn:expire", this.#expired);
  }

  stop(): void {
    unsubscribe("sojourn:refuse", this.#refused);
    unsubscribe("sojourn:expire", this.#expired);
  }

  add(reason: Reason): void {
    this.total++;
    this.counts[reason]++;
  }
}

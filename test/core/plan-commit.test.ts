import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planCommit } from "../../src/core/plan-commit.ts";
import type { CommitState } from "../../src/core/plan-commit.ts";

const flag = fc.boolean();
const time = fc.integer({ min: 0, max: 2000 });

const anyStored = fc.record({
  access: fc.constantFrom("current" as const, "retired" as const),
  refresh: flag,
  expiresAt: time,
});

/** Every state there is, the absurd ones too. */
const anyState: fc.Arbitrary<CommitState> = fc.record({
  drop: flag,
  ignore: flag,
  renew: flag,
  changed: flag,
  empty: flag,
  reconfigured: flag,
  subjectChanged: flag,
  clientGone: flag,
  presented: flag,
  foreign: flag,
  stored: fc.option(anyStored, { nil: undefined }),
  deadline: time,
  touchInterval: fc.integer({ min: 0, max: 500 }),
});

const states = (
  check: (state: CommitState) => unknown,
  given: (state: CommitState) => boolean = () => true,
): void => {
  fc.assert(
    fc.property(anyState.filter(given), (state) => void check(state)),
    { numRuns: 500 },
  );
};

/** A request that looked at its session and did nothing, long before the deadline. */
const QUIET: CommitState = {
  drop: false,
  ignore: false,
  renew: false,
  changed: false,
  empty: true,
  reconfigured: false,
  subjectChanged: false,
  clientGone: false,
  presented: false,
  foreign: false,
  stored: undefined,
  deadline: 1000,
  touchInterval: 100,
};
const STORED = { access: "current", refresh: false, expiresAt: 1000 } as const;

describe("the plan of a commit", () => {
  it("is one of six, for every state", () => {
    const plans = ["none", "create", "write", "renew", "touch", "drop"];
    states((state) => expect(plans).toContain(planCommit(state).type));
  });

  it("depends on nothing but the state", () => {
    states((state) => expect(planCommit({ ...state })).toEqual(planCommit(state)));
  });

  it("with drop ends the session, whatever else was asked", () => {
    states(
      (state) => {
        const there = state.stored !== undefined || state.presented;
        expect(planCommit(state).type === "drop").toBe(there);
        expect(["drop", "create", "none"]).toContain(planCommit(state).type);
      },
      ({ drop }) => drop,
    );
  });

  it("with ignore and no drop is none", () => {
    states(
      (state) => expect(planCommit(state)).toEqual({ type: "none" }),
      ({ drop, ignore }) => ignore && !drop,
    );
  });

  it("with renew, or another subject, on a stored session renews it, also when data changed", () => {
    states(
      (state) => expect(planCommit(state).type).toBe(state.clientGone ? "none" : "renew"),
      ({ drop, ignore, stored, renew, subjectChanged }) =>
        !drop && !ignore && stored !== undefined && (renew || subjectChanged),
    );
  });

  it("is to write when data or attributes changed, and no verb was asked", () => {
    states(
      (state) => expect(planCommit(state).type).toBe("write"),
      ({ drop, ignore, renew, subjectChanged, stored, changed, reconfigured }) =>
        !drop &&
        !ignore &&
        !renew &&
        !subjectChanged &&
        stored !== undefined &&
        (changed || reconfigured),
    );
  });

  it("never writes what did not change", () => {
    states(
      (state) => expect(["none", "touch"]).toContain(planCommit(state).type),
      ({ drop, renew, changed, reconfigured, subjectChanged }) =>
        !drop && !renew && !changed && !reconfigured && !subjectChanged,
    );
  });

  it("creates a session only for something, and only for a client that is there", () => {
    states((state) => {
      const plan = planCommit(state);
      if (plan.type !== "create" && !(plan.type === "drop" && plan.create)) return;
      expect(state).toMatchObject({ changed: true, empty: false, clientGone: false });
    });
  });

  it("creates no session next to a stored one, unless that is dropped", () => {
    states(
      (state) => expect(planCommit(state).type).not.toBe("create"),
      ({ stored }) => stored !== undefined,
    );
  });

  it("never renews for a client that has gone", () => {
    states(
      (state) => expect(planCommit(state).type).not.toBe("renew"),
      ({ clientGone }) => clientGone,
    );
  });

  it("touches a stored session when its deadline moved by the interval, not before", () => {
    const at = (expiresAt: number): string =>
      planCommit({ ...QUIET, stored: { ...STORED, expiresAt } }).type;
    expect([at(901), at(900), at(899), at(1001)]).toEqual(["none", "touch", "touch", "none"]);
  });

  it("touches at once what the store wants to be written again", () => {
    expect(planCommit({ ...QUIET, stored: { ...STORED, refresh: true } }).type).toBe("touch");
  });

  it("touches nothing with a secret that was renewed away", () => {
    const stored = { access: "retired", refresh: true, expiresAt: 0 } as const;
    expect(planCommit({ ...QUIET, stored }).type).toBe("none");
  });

  it("keeps a session from which the last key was deleted", () => {
    expect(planCommit({ ...QUIET, changed: true, stored: STORED }).type).toBe("write");
  });
});

describe("a cookie of another version", () => {
  const put = { ...QUIET, presented: true, foreign: true, changed: true, empty: false };

  it("is not replaced by what a request puts: another node can read it", () => {
    expect(planCommit(put)).toEqual({ type: "none" });
  });

  it("is replaced by a log-in", () => {
    expect(planCommit({ ...put, renew: true })).toEqual({ type: "create" });
    expect(planCommit({ ...put, subjectChanged: true })).toEqual({ type: "create" });
  });
});

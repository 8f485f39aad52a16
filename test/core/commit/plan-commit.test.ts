import { describe, expect, it } from "vitest";
import { planCommit } from "../../../src/core/commit/plan-commit.ts";
import type { CommitPlan, CommitState } from "../../../src/core/commit/plan-commit.ts";

/** A request that looked at its session and did nothing, long before the deadline. */
const QUIET: CommitState = {
  drop: false,
  ignore: false,
  renew: false,
  changed: false,
  empty: true,
  reconfigured: false,
  subjectChanged: false,
  subjectRemoved: false,
  hasRevoked: false,
  noAnswer: false,
  hadCookie: false,
  refused: undefined,
  otherVersion: false,
  stored: undefined,
  deadline: 1000,
  touchInterval: 100,
};
const STORED = {
  mayWrite: true,
  refresh: false,
  hasFormerOptions: false,
  expiresAt: 1000,
} as const;

/** Whatever the request did and was: two states for each flag. */
const FLAGS = Object.entries(QUIET).flatMap(([name, value]) =>
  typeof value === "boolean" ? [name as keyof CommitState] : [],
);
/** Whatever was loaded: nothing, or a session by each right, due to be touched or not. */
const LOADED: readonly CommitState["stored"][] = [
  undefined,
  ...[true, false].flatMap((mayWrite) =>
    [true, false].flatMap((refresh) =>
      [true, false].flatMap((hasFormerOptions) =>
        [900, 901].map((expiresAt) => ({ mayWrite, refresh, hasFormerOptions, expiresAt })),
      ),
    ),
  ),
];

/** Every state there is, the absurd ones too. */
const STATES: readonly CommitState[] = LOADED.flatMap((stored) =>
  Array.from({ length: 2 ** FLAGS.length }, (_, bits) => {
    const flags = FLAGS.map((name, at) => [name, (bits & (1 << at)) !== 0]);
    return { ...QUIET, ...(Object.fromEntries(flags) as Partial<CommitState>), stored };
  }),
);

/** The states among those `given` in which `law` does not hold; there must be some that are given. */
function broken(
  law: (plan: CommitPlan, state: CommitState) => boolean,
  given: (state: CommitState) => boolean = () => true,
): CommitState[] {
  const states = STATES.filter(given);
  expect(states.length).toBeGreaterThan(0);
  return states.filter((state) => !law(planCommit(state), state));
}

/** Whether a plan gives the browser a session that the store did not have. */
const creates = (plan: CommitPlan): boolean =>
  plan.type === "create" || (plan.type === "drop" && plan.next === "create");

const same = (a: CommitPlan, b: CommitPlan): boolean => JSON.stringify(a) === JSON.stringify(b);

describe("L13: the plan of a commit", () => {
  it("the plan is one of seven, for every state", () => {
    const plans = ["none", "create", "write", "renew", "touch", "stop", "drop"];
    expect(broken(({ type }) => plans.includes(type))).toEqual([]);
    expect(STATES.length).toBe(LOADED.length * 2 ** FLAGS.length);
  });

  it("the plan depends on nothing but the state, which it leaves alone", () => {
    const frozen = (state: CommitState): CommitState => Object.freeze({ ...state });
    expect(broken((plan, state) => same(plan, planCommit(frozen(state))))).toEqual([]);
  });

  it("drop ends the session, whatever else was asked", () => {
    const there = ({ stored, hadCookie }: CommitState): boolean => !!stored || hadCookie;
    const given = ({ drop }: CommitState): boolean => drop;
    expect(broken(({ type }, state) => (type === "drop") === there(state), given)).toEqual([]);
    const others = ["drop", "create", "stop", "none"];
    expect(broken(({ type }) => others.includes(type), given)).toEqual([]);
    expect(broken((plan) => plan.type !== "drop" || plan.reason === "asked", given)).toEqual([]);
  });

  it("drop, then put, creates a session beside ending the one before", () => {
    expect(
      broken(
        creates,
        ({ drop, changed, empty, noAnswer }) => drop && changed && !empty && !noAnswer,
      ),
    ).toEqual([]);
  });

  it("the plan ends no session without drop, unless no answer can carry the new token, and the subject is removed or others were revoked", () => {
    expect(
      broken(
        ({ type }, { drop, noAnswer, subjectRemoved, hasRevoked, renew, subjectChanged }) =>
          drop ||
          type !== "drop" ||
          (noAnswer && (subjectRemoved || (hasRevoked && (renew || subjectChanged)))),
      ),
    ).toEqual([]);
  });

  it("a renewal that no answer can carry ends the session if the others were revoked", () => {
    expect(
      broken(
        (plan, { subjectRemoved }) =>
          plan.type === "drop" &&
          plan.next === "none" &&
          plan.reason === (subjectRemoved ? "subject" : "no-answer"),
        ({ drop, ignore, stored, renew, noAnswer, hasRevoked }) =>
          !drop && !ignore && stored !== undefined && renew && noAnswer && hasRevoked,
      ),
    ).toEqual([]);
  });

  it("where an answer can leave, a revocation of the others changes no plan", () => {
    const without = (state: CommitState): CommitState => ({ ...state, hasRevoked: false });
    expect(
      broken(
        (plan, state) => same(plan, planCommit(without(state))),
        ({ noAnswer }) => !noAnswer,
      ),
    ).toEqual([]);
  });

  it("ignore without drop plans nothing", () => {
    const given = ({ drop, ignore }: CommitState): boolean => ignore && !drop;
    expect(broken(({ type }) => type === "none", given)).toEqual([]);
  });

  it("renew, or another subject, renews a stored session, also if data changed", () => {
    expect(
      broken(
        ({ type }) => type === "renew",
        ({ drop, ignore, stored, renew, subjectChanged, noAnswer }) =>
          !drop && !ignore && stored !== undefined && (renew || subjectChanged) && !noAnswer,
      ),
    ).toEqual([]);
  });

  it("the reason of a renewal is the request for it, or else the subject", () => {
    const reason = ({ renew }: CommitState): string => (renew ? "asked" : "subject");
    expect(broken((plan, state) => plan.type !== "renew" || plan.reason === reason(state))).toEqual(
      [],
    );
  });

  it("a write is planned if data or attributes changed, and no verb was asked", () => {
    expect(
      broken(
        ({ type }) => type === "write",
        ({ drop, ignore, renew, subjectChanged, stored, changed, reconfigured, noAnswer }) =>
          !drop &&
          !ignore &&
          !renew &&
          !subjectChanged &&
          stored !== undefined &&
          (changed || (reconfigured && !noAnswer)),
      ),
    ).toEqual([]);
  });

  it("what did not change is never written", () => {
    expect(
      broken(
        ({ type }) => type === "none" || type === "touch",
        ({ drop, renew, changed, reconfigured, subjectChanged }) =>
          !drop && !renew && !changed && !reconfigured && !subjectChanged,
      ),
    ).toEqual([]);
  });

  it("a session is created only for something, and only for a client that is there", () => {
    expect(
      broken(
        (plan, { changed, empty, noAnswer }) => !creates(plan) || (changed && !empty && !noAnswer),
      ),
    ).toEqual([]);
  });

  it("the first put creates a session, also after a cookie that was refused", () => {
    expect(
      broken(
        ({ type }) => type === "create",
        ({ drop, ignore, stored, otherVersion, changed, empty, noAnswer }) =>
          !drop && !ignore && !stored && !otherVersion && changed && !empty && !noAnswer,
      ),
    ).toEqual([]);
  });

  it("no session is created next to a stored one, unless that is dropped", () => {
    expect(broken(({ type }, { stored }) => !stored || type !== "create")).toEqual([]);
  });

  it("write, renew and touch need a stored session", () => {
    const needs = ["write", "renew", "touch"];
    expect(broken(({ type }, { stored }) => !!stored || !needs.includes(type))).toEqual([]);
  });

  it("a cookie of ours makes no difference but for a drop, which clears it", () => {
    const flipped = (state: CommitState): CommitState => ({
      ...state,
      hadCookie: !state.hadCookie,
    });
    expect(
      broken(
        (plan, state) => same(plan, planCommit(flipped(state))),
        ({ drop }) => !drop,
      ),
    ).toEqual([]);
  });

  it("a stored session is touched if its deadline moved by the interval, and not before", () => {
    const at = (expiresAt: number): string =>
      planCommit({ ...QUIET, stored: { ...STORED, expiresAt } }).type;
    expect([at(901), at(900), at(899), at(1001)]).toEqual(["none", "touch", "touch", "none"]);
  });

  it("a session that the store wants to be written again is touched at once", () => {
    expect(planCommit({ ...QUIET, stored: { ...STORED, refresh: true } }).type).toBe("touch");
  });

  it("a touch is planned only if nothing else is to do", () => {
    const later = (state: CommitState): CommitPlan => planCommit({ ...state, deadline: 0 });
    expect(broken((plan, state) => plan.type === "touch" || same(plan, later(state)))).toEqual([]);
  });

  it("a token that was renewed away touches nothing", () => {
    expect(
      broken(({ type }, { stored }) => stored?.mayWrite !== false || type !== "touch"),
    ).toEqual([]);
  });

  it("the plan for a token that was renewed away is otherwise that for the current one, and the store stops it", () => {
    const current = (state: CommitState): CommitPlan => planCommit({ ...state, stored: STORED });
    expect(
      broken(
        (plan, state) => same(plan, current(state)),
        ({ stored }) => stored?.mayWrite === false,
      ),
    ).toEqual([]);
  });

  it("a session stays if its last key was deleted", () => {
    expect(planCommit({ ...QUIET, changed: true, stored: STORED }).type).toBe("write");
  });
});

describe("L18: a cookie of another version of the program", () => {
  const put = { ...QUIET, hadCookie: true, otherVersion: true, changed: true, empty: false };

  it("a put does not replace the cookie, because another node can read it", () => {
    expect(planCommit(put)).toEqual({ type: "none" });
    expect(
      broken(
        ({ type }) => type === "none",
        ({ drop, renew, subjectChanged, stored, otherVersion }) =>
          otherVersion && !stored && !drop && !renew && !subjectChanged,
      ),
    ).toEqual([]);
  });

  it("a log-out replaces the cookie", () => {
    expect(planCommit({ ...put, renew: true })).toEqual({ type: "create" });
    expect(planCommit({ ...put, subjectChanged: true })).toEqual({ type: "create" });
  });
});

describe("L14: a commit whose answer cannot leave", () => {
  const lost = (state: CommitState): CommitPlan => planCommit({ ...state, noAnswer: true });

  it("the plan needs no new cookie", () => {
    const needs = ["create", "renew"];
    expect(
      broken((_, state) => !needs.includes(lost(state).type) && !creates(lost(state))),
    ).toEqual([]);
  });

  it("the plan keeps the drop, and what was changed in a stored session under the token that it has", () => {
    const kept = (plan: CommitPlan, { changed }: CommitState): boolean =>
      plan.type === "drop" || (plan.type === "write" && changed);
    expect(broken((plan, state) => !kept(plan, state) || lost(state).type === plan.type)).toEqual(
      [],
    );
  });

  it("the plan ends a session whose subject is removed", () => {
    expect(
      broken(
        (_, state) => same(lost(state), { type: "drop", reason: "subject", next: "none" }),
        ({ drop, ignore, stored, subjectChanged, subjectRemoved }) =>
          !drop && !ignore && stored !== undefined && subjectChanged && subjectRemoved,
      ),
    ).toEqual([]);
  });

  it("the plan is never silent about what it does not make", () => {
    const loses = ({ type }: CommitPlan): boolean => ["create", "write", "renew"].includes(type);
    const says = (plan: CommitPlan): boolean =>
      plan.type === "stop" || (plan.type === "drop" && plan.next === "stop");
    expect(broken((plan, state) => !loses(plan) || lost(state).type !== "none")).toEqual([]);
    expect(broken((plan, state) => !creates(plan) || says(lost(state)))).toEqual([]);
  });
});

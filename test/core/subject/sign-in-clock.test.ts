import { describe, expect, it } from "vitest";
import { SignInClock } from "../../../src/core/subject/sign-in-clock.ts";
import { clock } from "../../support/clock.ts";

describe("the sign-in clock of one process", () => {
  it("moments come in the order in which they were asked for, while the clock stands still", () => {
    const moments = new SignInClock(clock().now);
    const [first, second] = [moments.signIn("ann").since, moments.signIn("ann").since];
    const revocation = moments.revocationTime();
    const third = moments.signIn("ann").since;
    expect(second).toBeGreaterThan(first);
    expect(revocation).toBeGreaterThan(second);
    expect(third).toBeGreaterThanOrEqual(revocation);
    expect(moments.revocationTime()).toBeGreaterThan(third);
  });

  it("moments do not run ahead of the clock if very many sessions are revoked at once", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    for (let i = 0; i < 10_000; i++) moments.revocationTime();
    expect(moments.signIn("ann").since - time.now()).toBeLessThanOrEqual(1);
  });

  it("moments go on if the clock is set back", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    const before = moments.signIn("ann").since;
    time.pass(-60);
    expect(moments.signIn("ann").since).toBeGreaterThan(before);
    expect(moments.revocationTime()).toBeGreaterThan(before);
  });
});

describe("L7: the moment of a revocation", () => {
  it("a revocation is later than a thousand log-ins of its millisecond in another process, and no later than the next one", () => {
    const time = clock();
    const [here, there] = [new SignInClock(time.now), new SignInClock(time.now)];
    const logIns = Array.from({ length: 999 }, () => there.signIn("ann").since);
    const revocation = here.revocationTime();
    expect(Math.max(...logIns)).toBeLessThan(revocation);
    time.pass(0.001);
    expect(new SignInClock(time.now).signIn("ann").since).toBeGreaterThanOrEqual(revocation);
  });
});

describe("L12: a revocation by a process whose clock is ahead", () => {
  it("log-ins of its subject count as no earlier from then on, and those of others by the clock", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    const revokedAt = time.now() + 3_600_000;
    moments.meet("ann", revokedAt);
    expect(moments.signIn("ann")).toEqual({ since: revokedAt, ahead: 3_600_000 });
    expect(moments.signIn("bob").since - time.now()).toBeLessThan(1);
    expect(moments.signIn("bob").ahead).toBeUndefined();
    time.pass(3600);
    expect(moments.signIn("ann")).toEqual({ since: revokedAt });
    time.pass(1);
    expect(moments.signIn("ann")).toEqual({ since: time.now() });
  });

  it("a revocation of every session counts for every subject, and for sessions of nobody", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    expect(moments.creation()).toBeUndefined();
    const revokedAt = time.now() + 60_000;
    moments.meetForAll(revokedAt);
    moments.meetForAll(revokedAt - 1);
    expect(moments.signIn("ann")).toEqual({ since: revokedAt, ahead: 60_000 });
    expect(moments.creation()).toBe(revokedAt);
    time.pass(60);
    expect(moments.creation()).toBeUndefined();
  });

  it("a log-in after the clock was set back is dated later, and says by how much", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    time.pass(3600);
    moments.signIn("ann");
    time.pass(-3600);
    const { since, ahead = 0 } = moments.signIn("ann");
    expect(since - ahead).toBe(time.now());
    expect(ahead).toBeGreaterThan(3_600_000);
  });
});

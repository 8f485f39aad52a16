import { describe, expect, it } from "vitest";
import { SignInClock } from "../../../src/core/subject/sign-in-clock.ts";
import { clock } from "../../support/clock.ts";

describe("the sign-in clock of one process", () => {
  it("moments come in the order in which they were asked for, while the clock stands still", () => {
    const moments = new SignInClock(clock().now);
    const [first, second] = [moments.signInTime(), moments.signInTime()];
    const revocation = moments.revocationTime();
    const third = moments.signInTime();
    expect(second).toBeGreaterThan(first);
    expect(revocation).toBeGreaterThan(second);
    expect(third).toBeGreaterThanOrEqual(revocation);
    expect(moments.revocationTime()).toBeGreaterThan(third);
  });

  it("moments do not run ahead of the clock if very many sessions are revoked at once", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    for (let i = 0; i < 10_000; i++) moments.revocationTime();
    expect(moments.signInTime() - time.now()).toBeLessThanOrEqual(1);
  });

  it("moments go on if the clock is set back", () => {
    const time = clock();
    const moments = new SignInClock(time.now);
    const before = moments.signInTime();
    time.pass(-60);
    expect(moments.signInTime()).toBeGreaterThan(before);
    expect(moments.revocationTime()).toBeGreaterThan(before);
  });
});

describe("L7: the moment of a revocation", () => {
  it("a revocation is later than a thousand log-ins of its millisecond in another process, and no later than the next one", () => {
    const time = clock();
    const [here, there] = [new SignInClock(time.now), new SignInClock(time.now)];
    const logIns = Array.from({ length: 999 }, () => there.signInTime());
    const revocation = here.revocationTime();
    expect(Math.max(...logIns)).toBeLessThan(revocation);
    time.pass(0.001);
    expect(new SignInClock(time.now).signInTime()).toBeGreaterThanOrEqual(revocation);
  });
});

import { describe, expect, it } from "vitest";
import { Moments } from "../../../src/core/subject/sign-in-clock.ts";
import { clock } from "../../support/clock.ts";

describe("moments of one process", () => {
  it("are in the order in which they were asked for, while the clock stands still", () => {
    const moments = new Moments(clock().now);
    const [first, second] = [moments.ofLogIn(), moments.ofLogIn()];
    const revocation = moments.ofRevocation();
    const third = moments.ofLogIn();
    expect(second).toBeGreaterThan(first);
    expect(revocation).toBeGreaterThan(second);
    expect(third).toBeGreaterThanOrEqual(revocation);
    expect(moments.ofRevocation()).toBeGreaterThan(third);
  });

  it("do not run ahead of the clock when very many sessions are revoked at once", () => {
    const time = clock();
    const moments = new Moments(time.now);
    for (let i = 0; i < 10_000; i++) moments.ofRevocation();
    expect(moments.ofLogIn() - time.now()).toBeLessThanOrEqual(1);
  });

  it("go on when the clock is set back", () => {
    const time = clock();
    const moments = new Moments(time.now);
    const before = moments.ofLogIn();
    time.pass(-60);
    expect(moments.ofLogIn()).toBeGreaterThan(before);
    expect(moments.ofRevocation()).toBeGreaterThan(before);
  });
});

describe("a revocation", () => {
  it("is later than each of a thousand log-ins of its millisecond in another process, and no later than the next one", () => {
    const time = clock();
    const [here, there] = [new Moments(time.now), new Moments(time.now)];
    const logIns = Array.from({ length: 999 }, () => there.ofLogIn());
    const revocation = here.ofRevocation();
    expect(Math.max(...logIns)).toBeLessThan(revocation);
    time.pass(0.001);
    expect(new Moments(time.now).ofLogIn()).toBeGreaterThanOrEqual(revocation);
  });
});

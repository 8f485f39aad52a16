import { describe, expect, it } from "vitest";
import { testClock } from "../../src/testing/clock.ts";

describe("a test clock", () => {
  it("the clock stands at the beginning of 2000, or where it is told to", () => {
    expect(new Date(testClock().now()).toISOString()).toBe("2000-01-01T00:00:00.000Z");
    expect(testClock(new Date(5000)).now()).toBe(5000);
    expect(testClock(5000).now()).toBe(5000);
  });

  it("the clock moves by seconds, to a time, and not by itself", () => {
    const { now, advance, set } = testClock(0);
    advance(1.5);
    advance(0);
    expect(now()).toBe(1500);
    set(new Date(10));
    expect(now()).toBe(10);
    set(20);
    expect(now()).toBe(20);
  });

  it.each([-1, Number.NaN, Infinity, "60" as never])(
    "the clock does not advance by %s",
    (seconds) => {
      const clock = testClock();
      const before = clock.now();
      expect(() => clock.advance(seconds)).toThrow(/advance takes the seconds/);
      expect(clock.now()).toBe(before);
    },
  );

  it.each([new Date("nonsense"), Number.NaN, "2000-01-01" as never])(
    "the clock cannot be set to %s",
    (time) => {
      expect(() => testClock(time)).toThrow(/a Date or to milliseconds/);
      expect(() => testClock().set(time)).toThrow(/a Date or to milliseconds/);
    },
  );
});

/** The clock of the shop. The driver of the tests moves it, because nobody waits for 40 hours. */
const shared = globalThis as { ahead?: number };

export function now(): number {
  return Date.now() + (shared.ahead ?? 0);
}

export function advance(hours: number): void {
  if (process.env.TEST_CLOCK !== "1") throw new Error("the clock moves in tests only");
  shared.ahead = (shared.ahead ?? 0) + hours * 3_600_000;
}

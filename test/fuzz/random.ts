/**
 * A stream of numbers that its seed decides, on every machine: sfc32 of the PractRand suite, whose period is
 * 2^32 or more from any start.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Two streams differ when their seeds or their indices do. */
  constructor(seed: number, index: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = index | 0;
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** A whole number from 0 to below `limit`; 0 for a limit below 1. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  /** `true` once in `n` times. */
  onceIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** @throws when there is nothing to pick */
  pick<T>(list: readonly T[]): T {
    const at = this.below(list.length);
    if (!(at in list)) throw new Error("a list to pick from is empty");
    return list[at] as T;
  }

  /** 1, half as often 2, and so on; `most` at most. */
  few(most: number): number {
    let n = 1;
    while (n < most && this.onceIn(2)) n++;
    return n;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

const SHARDS = 256;

/**
 * A Map in parts. V8 rehashes a Map all at once when it grows, which takes a tenth of a second and more for a
 * million entries; a part has so few that it takes less than a millisecond.
 */
export class ShardedMap<V> {
  readonly #shards: (Map<string, V> | undefined)[] = Array.from({ length: SHARDS });

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  set(key: string, value: V): void {
    (this.#shards[shardOf(key)] ??= new Map()).set(key, value);
  }

  delete(key: string): void {
    this.#shards[shardOf(key)]?.delete(key);
  }
}

/** By the first characters: keys are random, so the parts fill evenly. */
function shardOf(key: string): number {
  return ((key.charCodeAt(0) * 31 + key.charCodeAt(1)) * 31 + key.charCodeAt(2)) & (SHARDS - 1);
}

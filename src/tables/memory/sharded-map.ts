const SHARDS = 256;

/**
 * A Map in parts. V8 rehashes a growing Map all at once, which takes a tenth of a second and more for a million
 * entries. A part has so few entries that it takes less than a millisecond.
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

/** Chooses the part by the first characters of a key. Keys are random, so that the parts fill evenly. */
function shardOf(key: string): number {
  return ((key.charCodeAt(0) * 31 + key.charCodeAt(1)) * 31 + key.charCodeAt(2)) & (SHARDS - 1);
}

/** The types of values that are read: `readonly` at every depth. No code. */
type Atom =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | ArrayBufferView
  | ((...args: never) => unknown);

/** A value as it is read: what Sojourn freezes is `readonly` for the compiler too. */
export type Frozen<T> = T extends Atom
  ? T
  : T extends readonly (infer Element)[]
    ? number extends T["length"]
      ? readonly Frozen<Element>[]
      : { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T extends ReadonlyMap<infer Key, infer Value>
      ? ReadonlyMap<Frozen<Key>, Frozen<Value>>
      : T extends ReadonlySet<infer Element>
        ? ReadonlySet<Frozen<Element>>
        : T extends object
          ? { readonly [Key in keyof T]: Frozen<T[Key]> }
          : T;

/** What a key may hold: anything but `undefined`, which is what `delete` is for. */
export type Stored<Data, Key extends keyof Data> = Frozen<Exclude<Data[Key], undefined>>;

/** From the old value to the new one; `undefined` deletes the key. Pure and synchronous: it may run again. */
export type Change<Data, Key extends keyof Data> = (
  value: Stored<Data, Key> | undefined,
) => Stored<Data, Key> | undefined;

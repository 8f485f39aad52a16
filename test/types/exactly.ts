// Two functions are the same type only if their conditions are: the compiler looks at both as they are written.
// oxlint-disable typescript/no-unnecessary-type-parameters
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if both types are one; `any` is the same as `any` alone. */
export declare function exactly<A, B>(same: Same<A, B>): void;

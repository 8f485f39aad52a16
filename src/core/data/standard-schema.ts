/**
 * The interface that validators share (https://standardschema.dev, version 1): zod 3.24 and later, valibot 1,
 * arktype 2 and others. No code.
 */

/** A schema of any of these libraries. Sojourn calls `validate` only, and the compiler reads `types`. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The answer of a schema about a value: its output, or the issues. */
export type Validated<Output = unknown> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One issue, and its place. The message may quote the value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

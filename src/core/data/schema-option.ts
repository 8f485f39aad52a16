import { isPending } from "../awaitable.ts";
import { SessionError, configError, describe } from "../errors.ts";
import { ANYTHING, DeclaredSchema } from "./schema.ts";
import type { Migrate, Schema, Validate } from "./schema.ts";
import type { StandardSchemaV1, Validated } from "./standard-schema.ts";

/**
 * Reads the options `schema` and `migrate`.
 * @throws ERR_SESSION_CONFIG if a schema is no Standard Schema, or is asynchronous
 */
export function readSchema(schema: unknown, migrate: unknown, subject: unknown): Schema {
  if (migrate !== undefined && typeof migrate !== "function") {
    throw configError(`migrate must be a function from old data to new, got ${describe(migrate)}`);
  }
  if (schema === undefined) {
    if (migrate === undefined) return ANYTHING;
    throw configError("migrate needs the option schema, which says what is to be migrated");
  }
  if (isSchema(schema)) {
    throw configError(
      "schema takes one schema per data key, because a session holds some keys and not others; " +
        "got one for all: pass the `shape` of a zod object, or the `entries` of a valibot object",
    );
  }
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw configError(`schema must be an object of schemas by data key, got ${describe(schema)}`);
  }
  const validators = new Map(
    Object.entries(schema).map(([key, each]: [string, unknown]) => [key, readValidator(key, each)]),
  );
  if (validators.size === 0) throw configError("schema names no data key; leave it out");
  if (typeof subject === "string" && !validators.has(subject)) {
    throw configError(`subject is "${subject}", which schema does not name`);
  }
  return new DeclaredSchema(validators, migrate as Migrate | undefined);
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  // A schema of arktype is a function.
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "~standard" in value
  );
}

function readValidator(key: string, schema: unknown): Validate {
  const standard = isSchema(schema) ? schema["~standard"] : undefined;
  if (standard?.version !== 1 || typeof standard.validate !== "function") {
    throw configError(
      `schema.${key} must be a Standard Schema of version 1, such as one of zod, valibot or arktype; got ${
        standard ? `one of version ${describe(standard.version)}` : describe(schema)
      }`,
    );
  }
  const validate = (value: unknown): Validated => atOnce(key, () => standard.validate(value));
  validate(undefined); // An asynchronous schema is found now, and not at the first request.
  return validate;
}

/** @throws ERR_SESSION_CONFIG if the schema gives a promise, because sessions are read and written synchronously */
function atOnce(key: string, validate: () => Validated | Promise<Validated>): Validated {
  let result: Validated | Promise<Validated>;
  try {
    result = validate();
  } catch (cause) {
    throw new SessionError(
      "ERR_SESSION_CONFIG",
      `schema.${key} threw; a schema must return its issues instead`,
      { cause },
    );
  }
  if (!isPending(result)) return result;
  result.then(undefined, () => {}); // The error below replaces this rejection.
  throw configError(
    `schema.${key} gave a promise; the schema of a session must be synchronous, and its checks must not throw ` +
      "(zod then tries again asynchronously)",
  );
}

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { SessionTable } from "../core/store.ts";
import type { SubjectHelpers } from "../core/subject-helpers.ts";
import type { Call, CommandOption } from "./command.ts";

/** The option of the commands that need the application's sessions. */
export const CONFIG: Readonly<Record<string, CommandOption>> = {
  config: {
    type: "string",
    value: "file",
    help: "the module that exports the sessions, and the table for sweep and doctor; default ./sessions.js",
  },
};

/** What a module of the application exports. */
export interface Exported {
  readonly file: string;
  readonly sessions: SubjectHelpers | undefined;
  readonly table: SessionTable | undefined;
}

const METHODS_OF_SESSIONS = ["list", "revoke", "revokeOne", "revokeBefore"];
const METHODS_OF_TABLE = ["get", "insert", "replace", "touch", "delete"];

/**
 * Loads the module that the option names, and finds the sessions and the table in it by their methods: it may use another
 * copy of Sojourn.
 * @throws if it cannot be loaded
 */
export async function loadConfig(call: Call): Promise<Exported> {
  const file = call.text("config") ?? "./sessions.js";
  const module = await load(file);
  // The exports of CommonJS are in `default`.
  const values = [...Object.values(module), ...Object.values(Object(module["default"]) as object)];
  return {
    file,
    sessions: only(file, values, METHODS_OF_SESSIONS, "sessions") as SubjectHelpers | undefined,
    table: only(file, values, METHODS_OF_TABLE, "tables") as SessionTable | undefined,
  };
}

/** Gives the sessions that the module exports. @throws if it exports none */
export async function loadSessions(call: Call): Promise<SubjectHelpers> {
  const { file, sessions } = await loadConfig(call);
  if (sessions) return sessions;
  throw new Error(`${file} exports no sessions: export const sessions = createSessions({ ... })`);
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const why =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? "this Node does not run TypeScript: use Node 22.18 or later, or name the compiled file"
        : String(message ?? cause);
    throw new Error(`cannot load ${file}: ${why}`, { cause });
  }
}

function only(file: string, values: unknown[], methods: string[], what: string): unknown {
  const found = new Set(values.filter((value) => methods.every((name) => has(value, name))));
  if (found.size > 1) throw new Error(`${file} exports ${found.size} ${what}: export one`);
  return [...found][0];
}

function has(value: unknown, name: string): boolean {
  return (
    typeof value === "object" && value !== null && typeof Reflect.get(value, name) === "function"
  );
}

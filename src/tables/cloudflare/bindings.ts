/** Tells the bindings of a Worker apart. */

type Methods = Readonly<Record<string, unknown>>;

/** What people pass by mistake, by a method that only this kind has. */
const OTHERS: readonly (readonly [method: string, what: string])[] = [
  [
    "getWithMetadata",
    "a KV namespace has no compare-and-set, so that it would lose updates and log-outs",
  ],
  [
    "createMultipartUpload",
    "an R2 bucket is slow and keeps no short rows; use d1Table or durableTable",
  ],
  ["idFromName", "a namespace of Durable Objects belongs to durableTable"],
  ["getBookmark", "a session of D1 may read from a replica that is behind; pass env.DB itself"],
  ["withSession", "a D1 database belongs to d1Table"],
  ["pragma", "a database of better-sqlite3 belongs to sqliteTable of sojourn/sqlite"],
  ["createFunction", "a database that answers at once belongs to sqliteTable of sojourn/sqlite"],
  ["function", "a database that answers at once belongs to sqliteTable of sojourn/sqlite"],
];

export function hasMethods(binding: unknown, names: readonly string[]): boolean {
  return isBinding(binding) && names.every((name) => typeof binding[name] === "function");
}

/** Says what was passed instead, if it can be told. */
export function otherBinding(binding: unknown): string | undefined {
  if (!isBinding(binding)) return undefined;
  return OTHERS.find(([method]) => typeof binding[method] === "function")?.[1];
}

/** A service binding and a stub give a function for every name, so that they look like each binding. */
function isBinding(binding: unknown): binding is Methods {
  const isObject = typeof binding === "object" && binding !== null;
  return isObject && typeof (binding as Methods)["thisIsNoMethod"] !== "function";
}

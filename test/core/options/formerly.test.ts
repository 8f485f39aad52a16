import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";

const store = tableStore({ table: createTable() });
const make = (options: object) => () =>
  createSessions({ store, key: "sid", ...(options as { secure?: boolean }) });

describe("the option formerly", () => {
  it.each([
    [{ formerly: [] }],
    [{ formerly: undefined }],
    [{ formerly: [{ domain: "shop.example" }, { path: "/app" }, { partitioned: true }] }],
    [{ domain: "shop.example", formerly: [{}] }],
    [{ key: "__Host-sid", formerly: [{ partitioned: true }] }],
  ])("%j is taken", (options) => {
    expect(make(options)).not.toThrow();
  });

  it.each([
    [{ formerly: { path: "/app" } }, /list of up to 8.*for example/],
    [{ formerly: Array.from({ length: 9 }, (_, n) => ({ path: `/${n}` })) }, /up to 8/],
    [{ formerly: ["/app"] }, /formerly\[0\] must be an object/],
    [{ formerly: [{ path: "/a" }, { sameSite: "lax" }] }, /formerly\[1\].*"sameSite".*replaces/],
    [{ formerly: [{ key: "old" }] }, /"key".*another name opens nothing/],
    [{ formerly: [{ paths: "/a" }] }, /"paths".*path, domain and partitioned/],
    [{ formerly: [{ path: "app" }] }, /formerly\[0\] cannot be: path must start/],
    [{ formerly: [{ domain: "a;b" }] }, /formerly\[0\] cannot be: domain/],
    [{ formerly: [{ partitioned: 1 }] }, /formerly\[0\] cannot be: partitioned/],
    [{ secure: false, formerly: [{ partitioned: true }] }, /cannot be: partitioned needs secure/],
    [{ key: "__Host-sid", formerly: [{ domain: "a.example" }] }, /cannot be.*no domain/],
    [{ formerly: [{}] }, /formerly\[0\] has the path, the domain.*before/],
    [{ domain: "a.example", formerly: [{ domain: ".A.example" }] }, /formerly\[0\] has the path/],
  ])("%j is refused, and the error says what to do", (options, message) => {
    expect(make(options)).toThrow(message);
    expect(make(options)).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG" }));
  });
});

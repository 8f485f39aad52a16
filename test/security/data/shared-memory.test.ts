/** What stands in the memory that Node shares between short Buffers, and that each of them shows as its `buffer`. */
import { afterEach, expect, test } from "vitest";
import { session } from "../../../src/adapters/fetch.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { row } from "../support/row.ts";

const SECRET = "Zm9yIHRoaXMgdGVzdCBhbmQgbm8gb3RoZXIgb25l-4711";
const CANARY = "canary of the shared memory";

/** Copies of the slabs as they were, and the slab of now. */
let seen: Uint8Array[] = [];
afterEach(() => (seen = []));

/** Remembers the slab of now. It is asked so often that none is missed. */
function look(): void {
  seen.push(new Uint8Array(Buffer.from("x").buffer).slice());
}

function isShown(secret: string | Buffer): boolean {
  return seen.some((slab) => Buffer.from(slab.buffer).includes(secret));
}

row("S32", () => {
  test.each<readonly [name: string, store: () => SessionStore]>([
    ["a table", () => tableStore({ table: createTable() })],
    ["a table with a secret", () => tableStore({ table: createTable(), secret: SECRET })],
    ["a sealed cookie", () => cookieStore({ secret: SECRET })],
  ])("no Buffer of the application shows a token, a secret or data of %s", async (_name, store) => {
    look();
    const sessions = createSessions<{ n: number; text: string }>({ store: store(), key: "sid" });
    look();
    const handler = session(sessions, (request: Request) => {
      look();
      if (request.method === "POST") sessions.putSession(request, "text", CANARY);
      sessions.updateSession(request, "n", (n = 0) => n + 1);
      if (request.method === "PUT") sessions.renewSession(request);
      return new Response();
    });
    let cookie = "";
    const tokens: string[] = [];
    for (const method of ["POST", "GET", "PUT", "GET"]) {
      const answer = await handler(
        new Request("https://localhost/", { method, headers: { cookie } }),
      );
      look();
      const [set = `${cookie};`] = answer.headers.getSetCookie();
      cookie = set.slice(0, set.indexOf(";"));
      tokens.push(cookie.slice("sid=".length));
    }

    expect(isShown("x")).toBe(true);
    // Behind the handle, or the nonce of a seal, stands what opens the session.
    const opening = tokens.map((token) => Buffer.from(token, "base64url").subarray(32, 48));
    for (const bytes of opening) expect(isShown(bytes)).toBe(false);
    expect(isShown(CANARY)).toBe(false);
    expect(isShown(SECRET)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { newSecret } from "../../src/crypto/secret.ts";
import type { Secret } from "../../src/crypto/secret.ts";
import { CookieJar } from "../support/cookie-jar.ts";
import { clock } from "../support/clock.ts";
import { commits, refusals } from "../support/events.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";
import { visit } from "../support/visit.ts";
import type { Answer } from "../support/visit.ts";

const { now } = clock();

/** One machine of a deployment. */
function node(secret: Secret): Sessions {
  return createSessions({ store: cookieStore({ secret }), key: "session", now });
}

const before = node(OLD_SECRET);
const appended = node([OLD_SECRET, SECRET]);
const moved = node([SECRET, OLD_SECRET]);
const after = node(SECRET);

/** A browser whose requests go to whatever machine the balancer picks. */
class Visitor {
  readonly jar: CookieJar = new CookieJar(now);

  async look(machine: Sessions): Promise<Answer & { readonly result: unknown }> {
    return this.#take(
      await visit(machine, this.jar.header, (conn) => machine.getSession(conn, "user")),
    );
  }

  async write(machine: Sessions, value: string): Promise<void> {
    this.#take(
      await visit(machine, this.jar.header, (conn) => {
        machine.updateSession(conn, "user", (user) => user ?? "ann");
        machine.putSession(conn, "last", value);
      }),
    );
  }

  #take<T extends Answer>(answer: T): T {
    this.jar.take(answer.headers.getSetCookie());
    return answer;
  }
}

async function signedIn(machine: Sessions): Promise<Visitor> {
  const visitor = new Visitor();
  await visitor.write(machine, "sign-in");
  return visitor;
}

describe("L10: the rotation of secrets", () => {
  it("the first request that looks seals an old seal anew, and no later one does", async () => {
    const visitor = await signedIn(appended);
    const old = visitor.jar.header;
    const first = await visitor.look(moved);
    expect([first.result, commits(first.events)]).toEqual(["ann", ["touch"]]);
    expect(first.setCookie).toBeDefined();
    expect(visitor.jar.header).not.toBe(old);
    const second = await visitor.look(moved);
    expect([second.result, second.setCookie]).toEqual(["ann", undefined]);
    expect((await visitor.look(after)).result).toBe("ann");
  });

  it("a request that does not look seals nothing anew", async () => {
    const visitor = await signedIn(before);
    const answer = await visit(moved, visitor.jar.header, () => undefined);
    expect([answer.setCookie, answer.events]).toEqual([undefined, []]);
  });

  it("the new seal keeps handle and data", async () => {
    const visitor = await signedIn(before);
    const seen = [];
    for (const machine of [appended, moved, after]) {
      const answer = await visit(machine, visitor.jar.header, (conn) => [
        machine.of(conn).handle,
        machine.getSession(conn),
      ]);
      visitor.jar.take(answer.headers.getSetCookie());
      seen.push(answer.result);
    }
    expect(seen[0]?.[0]).toMatch(/^[\w-]{22}$/);
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  });

  it.each([
    ["append", [before, appended]],
    ["move to the front", [appended, moved]],
    ["remove", [moved, after]],
  ] as const)(
    "the step '%s' logs nobody out while old and new machines answer in any order",
    async (step, machines) => {
      for (let order = 0; order < 2 ** 6; order++) {
        const start = step === "remove" ? moved : machines[0];
        const visitor = await signedIn(start);
        for (let n = 0; n < 6; n++) {
          const machine = machines[(order >> n) & 1] ?? machines[0];
          expect((await visitor.look(machine)).result).toBe("ann");
          await visitor.write(machine, `visit ${n}`);
        }
      }
    },
  );

  it("the seal of a removed secret is refused with an event", async () => {
    const visitor = await signedIn(before);
    const answer = await visitor.look(after);
    expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["forged"]]);
  });

  it("the store opens the seals of as many old secrets as it is given", async () => {
    const secrets = Array.from({ length: 20 }, newSecret);
    const [newest = "", ...others] = secrets;
    const all = node([newest, ...others]);
    for (const secret of secrets) {
      const visitor = await signedIn(node(secret));
      expect((await visitor.look(all)).result).toBe("ann");
    }
  });
});

describe("L10: the seals of the cookie store", () => {
  it("the same session has another seal each time", async () => {
    const [one, two] = [await signedIn(after), await signedIn(after)];
    expect(one.jar.header).not.toBe(two.jar.header);
  });

  it("a renewal makes a fresh handle and seal, and the old seal holds only what it held", async () => {
    const visitor = await signedIn(after);
    const old = visitor.jar.header;
    const renewed = await visit(after, old, (conn) => {
      after.renewSession(conn);
      after.putSession(conn, "admin", true);
      return after.of(conn).handle;
    });
    visitor.jar.take(renewed.headers.getSetCookie());
    const current = await visit(after, visitor.jar.header, (conn) => [
      after.of(conn).handle,
      after.getSession(conn, "admin"),
    ]);
    expect(current.result[0]).not.toBe(renewed.result);
    expect(current.result[1]).toBe(true);
    const stale = await visit(after, old, (conn) => after.getSession(conn, "admin"));
    expect(stale.result).toBeUndefined();
  });

  it.each([undefined, null, {}, { secret: undefined }, { secrets: [SECRET] }])(
    "a cookie store cannot be made of %j",
    (options) => {
      expect(() => cookieStore(options as unknown as { secret: string })).toThrow(
        expect.objectContaining({ code: "ERR_SESSION_CONFIG" }),
      );
    },
  );
});

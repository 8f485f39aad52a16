import { describe, expect, it } from "vitest";
import { keyedToken } from "../../../src/crypto/keyed-token.ts";
import { createKeyring } from "../../../src/crypto/keyring.ts";
import { newSecret } from "../../../src/crypto/secret.ts";
import { drawPair, newToken } from "../../../src/crypto/token.ts";
import { refusals } from "../../support/events.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { SealedWorld } from "../../support/stores/sealed-world.ts";
import { visit } from "../../support/visit.ts";

const WITH = { secret: SECRET };

describe("L3: a cookie that this application has not issued", () => {
  const otherRing = createKeyring([newSecret()], "session table");
  const ring = createKeyring([SECRET], "session table");

  function forgeries(mine: string): readonly (readonly [string, string])[] {
    const flip = (at: number): string =>
      mine.slice(0, at) + (mine[at] === "A" ? "B" : "A") + mine.slice(at + 1);
    return [
      ["a cookie of another secret", keyedToken(otherRing.first, "sid", drawPair()).cookie],
      ["a cookie of another cookie name", keyedToken(ring.first, "forum", drawPair()).cookie],
      ["a cookie with another handle", flip(3)],
      ["a cookie with another token", flip(40)],
      ["a cookie with another key id", flip(66)],
      ["a cookie with another authenticator", flip(80)],
      ["a cookie without an authenticator", mine.slice(0, 64)],
      ["a cookie that a store without a secret has issued", newToken("sid").cookie],
      ["random characters", "A".repeat(84)],
    ];
  }

  it("the cookie is refused, and the table is never asked", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    world.table.calls.length = 0;
    for (const [name, cookie] of forgeries(visitor.cookie)) {
      const answer = await visit(sessions, `sid=${cookie}`, (conn) => sessions.getSession(conn));
      expect(answer.result, name).toEqual({});
      expect(refusals(answer.events), name).toEqual([
        cookie.length === 84 ? "forged" : "malformed",
      ]);
    }
    expect(world.table.calls).toEqual([]);
    expect((await visitor.look(sessions)).result).toBe("ann");
    expect(world.table.calls).toEqual(["get", "get"]); // The row, and the mark of revokeBefore.
  });

  it("a store with another secret over the same table never asks for the cookie either", async () => {
    const world = new SealedWorld();
    const [bank, forum] = [world.process(WITH), world.process({ secret: OLD_SECRET })];
    const visitor = await world.signedIn(forum);
    world.table.calls.length = 0;
    const answer = await visit(bank, visitor.browser.jar.header, (conn) => bank.getSession(conn));
    expect([answer.result, refusals(answer.events)]).toEqual([{}, ["forged"]]);
    expect(world.table.calls).toEqual([]);
  });

  it("L11: cookies whose authenticator fails are not counted among the four", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    const forged = Array.from(
      { length: 30 },
      () => `sid=${keyedToken(otherRing.first, "sid", drawPair()).cookie}`,
    );
    await visitor.look(sessions); // Reads the mark of revokeBefore.
    world.table.calls.length = 0;
    const header = [...forged, `sid=${visitor.cookie}`].join("; ");
    const answer = await visit(sessions, header, (conn) => sessions.getSession(conn, "user"));
    expect(answer.result).toBe("ann");
    expect(world.table.calls).toEqual(["get"]);
  });

  it("L11: more than four cookies whose authenticator holds are refused, and the table is not asked", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const cookies = Array.from(
      { length: 5 },
      () => `sid=${keyedToken(ring.first, "sid", drawPair()).cookie}`,
    );
    const answer = await visit(sessions, cookies.join("; "), (conn) => sessions.getSession(conn));
    expect(refusals(answer.events)).toEqual(["too-many"]);
    expect(world.table.calls).toEqual([]);
  });
});

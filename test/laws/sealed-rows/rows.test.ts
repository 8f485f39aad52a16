import { describe, expect, it } from "vitest";
import type { SessionRow } from "../../../src/core/store.ts";
import { keyedToken } from "../../../src/crypto/keyed-token.ts";
import { createKeyring } from "../../../src/crypto/keyring.ts";
import { newToken } from "../../../src/crypto/token.ts";
import { Browser } from "../../support/browser.ts";
import { refusals, stops } from "../../support/events.ts";
import { LeakScanner } from "../../support/leaks.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { SealedWorld } from "../../support/stores/sealed-world.ts";
import { visit } from "../../support/visit.ts";

const WITH = { secret: SECRET };

describe("L3: a copy of a table with a secret", () => {
  it("the copy shows no data, no subject, no message, no digest and no list", async () => {
    const world = new SealedWorld();
    const scanner = new LeakScanner();
    const user = "ann, the subject of this test";
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions, user);
    scanner.confideCookie(visitor.cookie);
    await visitor.logIn(sessions, user); // Also what was renewed away.
    scanner.confideCookie(visitor.cookie);
    await visitor.put(sessions, "a text that nobody else may read");
    scanner.confide(user);
    scanner.confide("a text that nobody else may read");
    for (const [key, { value }] of world.table.rows) {
      expect(value).toMatch(/^x[\w-]+$/);
      scanner.hear("the table", `${key} ${value}`);
      scanner.hear(
        "the table, decoded",
        Buffer.from(value.slice(1), "base64url").toString("latin1"),
      );
      // A list names handles. It is a row of its own, and says nothing of them.
      if (key !== visitor.handle) expect(value).not.toContain(visitor.handle);
    }
    expect(world.table.rows.size).toBe(2);
    expect(scanner.found()).toEqual([]);
  });

  it("the name of a list cannot be found from its subject without the secret", async () => {
    const [one, two, plain] = [new SealedWorld(), new SealedWorld(), new SealedWorld()];
    await one.signedIn(one.process(WITH));
    await two.signedIn(two.process({ secret: OLD_SECRET }));
    await plain.signedIn(plain.process({}));
    const names = [one, two, plain].flatMap((world) => world.sideRows());
    expect(new Set(names).size).toBe(3);
  });

  it("two writes of the same content have different texts", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    await visitor.put(sessions, "a");
    const before = world.rowOf(visitor).value;
    await visitor.put(sessions, "b");
    await visitor.put(sessions, "a");
    expect(world.rowOf(visitor).value).not.toBe(before);
  });
});

describe("L3: somebody who writes to a table with a secret", () => {
  it("a row that stands under another session's handle opens nothing, and is left as it is", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const [ann, bob] = [await world.signedIn(sessions), await world.signedIn(sessions, "bob")];
    const [annsRow, bobsRow] = [world.rowOf(ann), world.rowOf(bob)];
    await world.table.plant(ann.handle, bobsRow);
    await world.table.plant(bob.handle, annsRow);
    for (const visitor of [ann, bob]) {
      const answer = await visit(sessions, visitor.browser.jar.header, (conn) => {
        const session = sessions.of(conn);
        const user = session.get("user");
        session.configure("ignore", true);
        return user;
      });
      expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["forged"]]);
    }
    await ann.put(sessions, "mine");
    expect(world.rowOf(bob)).toEqual(annsRow);
  });

  it("the row of another cookie name opens nothing under the same handle", async () => {
    const world = new SealedWorld();
    const admin = world.process(WITH, { key: "admin" });
    const sessions = world.process(WITH);
    const other = new Browser(admin, world.time.now);
    await other.visit((conn) => admin.putSession(conn, "user", "root"));
    const pair = Buffer.from(other.jar.value("admin") ?? "", "base64url").subarray(0, 48);
    const { cookie } = keyedToken(createKeyring([SECRET], "session table").first, "sid", pair);
    const answer = await visit(sessions, `sid=${cookie}`, (conn) => sessions.getSession(conn));
    expect([answer.result, refusals(answer.events)]).toEqual([{}, ["forged"]]);
    expect(world.table.calls.at(-1)).toBe("get");
  });

  it("a row without a seal opens nothing, whatever it says", async () => {
    const world = new SealedWorld();
    const plain = world.process({});
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    const other = await world.signedIn(plain, "root");
    await world.table.plant(visitor.handle, world.rowOf(other));
    const answer = await visitor.look(sessions);
    expect([answer.result, refusals(answer.events)]).toEqual([undefined, ["forged"]]);
  });

  it("a row of which any character was changed opens nothing", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    const row = world.rowOf(visitor);
    const header = visitor.browser.jar.header;
    // The last character holds bits that say nothing; each place before it says something.
    for (let at = 0; at < row.value.length - 1; at += 7) {
      const other = row.value[at] === "A" ? "B" : "A";
      const value = row.value.slice(0, at) + other + row.value.slice(at + 1);
      await world.table.plant(visitor.handle, { ...row, value });
      const answer = await visit(sessions, header, (conn) => sessions.getSession(conn, "user"));
      expect(answer.result).toBeUndefined();
      expect(refusals(answer.events)[0]).toMatch(/^(forged|unknown-format)$/);
    }
    await world.table.plant(visitor.handle, row);
    expect((await visitor.look(sessions)).result).toBe("ann");
  });

  it("a seal of a format that this version does not know is refused, and never overwritten", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    const row = world.rowOf(visitor);
    const bytes = Buffer.from(row.value.slice(1), "base64url");
    bytes[0] = 9;
    const later = { ...row, value: `x${bytes.toString("base64url")}` };
    await world.table.plant(visitor.handle, later);
    const answer = await visitor.put(sessions, "n");
    expect([refusals(answer.events), answer.setCookie]).toEqual([["unknown-format"], undefined]);
    expect(world.rowOf(visitor)).toEqual(later);
  });

  it("a row that was changed between load and commit stops the write", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const [ann, bob] = [await world.signedIn(sessions), await world.signedIn(sessions, "bob")];
    const request = await ann.browser.begin();
    request.run((conn) => sessions.putSession(conn, "n", 1));
    await world.table.plant(ann.handle, world.rowOf(bob));
    expect(stops((await request.finish()).events)).toEqual(["unknown-format"]);
  });

  it("a list that was put in the place of another subject's list is an error, and ends nobody's session", async () => {
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const ann = await world.signedIn(sessions);
    const [annsList = ""] = world.sideRows();
    const bob = await world.signedIn(sessions, "bob");
    const bobsList = world.sideRows().find((key) => key !== annsList) ?? "";
    await world.table.plant(bobsList, world.table.rows.get(annsList) as SessionRow);
    await expect(sessions.revoke("bob")).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    await expect(sessions.list("bob")).rejects.toThrow(/no secret of this store/);
    expect((await ann.look(sessions)).result).toBe("ann");
    expect((await bob.look(sessions)).result).toBe("bob");
  });

  it("an older row of the same handle opens: the seal does not tell it from a newer one", async () => {
    // This limit stands in SECURITY.md. If this test fails, the page promises too little.
    const world = new SealedWorld();
    const sessions = world.process(WITH);
    const visitor = await world.signedIn(sessions);
    const before = world.rowOf(visitor);
    await visitor.put(sessions, "later");
    await world.table.plant(visitor.handle, before);
    const { result } = await visit(sessions, visitor.browser.jar.header, (conn) =>
      sessions.getSession(conn),
    );
    expect(result).toEqual({ user: "ann" });
  });
});

describe("L3: a store without a secret", () => {
  it("it meets sealed rows and lists, opens none, and overwrites none", async () => {
    const world = new SealedWorld();
    const sealed = world.process(WITH);
    const plain = world.process({});
    const visitor = await world.signedIn(sealed);
    const rows = new Map(world.table.rows);
    const own = newToken("sid", visitor.handle).cookie;
    const answer = await visit(plain, `sid=${own}`, (conn) => {
      plain.putSession(conn, "n", 1);
    });
    expect([refusals(answer.events), answer.setCookie]).toEqual([["unknown-format"], undefined]);
    expect(world.table.rows).toEqual(rows);
  });
});

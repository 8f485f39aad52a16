import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { lmdbTable } from "../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../src/tables/lmdb.ts";
import { SubjectsWorld } from "../contracts/subjects/world.ts";
import type { Person } from "../contracts/subjects/world.ts";
import { HOUR } from "../support/clock.ts";
import { refusals } from "../support/events.ts";
import { SECRET } from "../support/secrets.ts";
import { SealedWorld } from "../support/stores/sealed-world.ts";
import type { Protected } from "../support/stores/sealed-world.ts";

const OTHER_SECRET = `other ${SECRET}`;

async function refusalOf({ browser, sessions }: Person): Promise<readonly string[]> {
  return refusals((await browser.visit((conn) => sessions.getSession(conn))).events);
}

describe("L7: the mark of revokeBefore", () => {
  it("it outlives a restart of every process, in LMDB", async () => {
    const path = mkdtempSync(join(tmpdir(), "sojourn-before-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    const open = (): LmdbTable => lmdbTable({ path: join(path, "data") });
    const table = open();
    const world = new SubjectsWorld(table);
    const person = await world.logIn(world.process(), "ann");
    world.time.pass(1);
    await person.sessions.revokeBefore(new Date(world.time.now()));
    await table.close();
    const again = open();
    onTestFinished(() => again.close());
    expect(await refusalOf(person.at(world.process({}, again)))).toEqual(["revoked"]);
  });

  it("it takes its sessions out of the list, also in a process that has read no session", async () => {
    const world = new SubjectsWorld(createTable());
    const sessions = world.process();
    await world.logIn(sessions, "ann");
    world.time.pass(1);
    await sessions.revokeBefore(new Date(world.time.now()));
    const later = await world.logIn(sessions, "ann");
    for (const process of [sessions, world.process()]) {
      const handles = (await process.list("ann")).map(({ handle }) => handle);
      expect(handles).toEqual([later.handle]);
    }
  });

  const secrets: readonly (readonly [string, Protected, Protected])[] = [
    ["the same secret", { secret: SECRET }, { secret: SECRET }],
    [
      "both secrets in the other order",
      { secret: [SECRET, OTHER_SECRET] },
      { secret: [OTHER_SECRET, SECRET] },
    ],
    ["the secret that stays", { secret: [OTHER_SECRET, SECRET] }, { secret: SECRET }],
    ["a secret that is being switched on", {}, { secret: SECRET, seal: false }],
    ["a secret from now on", { secret: SECRET, seal: false }, { secret: SECRET }],
  ];
  it.each(secrets)("it reaches a process with %s", async (_, here, there) => {
    const world = new SealedWorld();
    const unsealedUntil = new Date(world.time.now() + HOUR * 1000);
    const isSwitched = here.secret === undefined || here.seal === false;
    const seals = there.seal === undefined;
    const options = isSwitched && seals ? { ...there, unsealedUntil } : there;
    const visitor = await world.signedIn(world.process(options));
    world.time.pass(1);
    expect((await visitor.look(world.process(options))).result).toBe("ann");
    await world.process(here).revokeBefore(new Date(world.time.now()));
    const { result, events } = await visitor.look(world.process(options));
    expect([result, refusals(events)]).toEqual([undefined, ["revoked"]]);
  });

  it("a sealed cookie that nothing can revoke has no mark, and the call says what it needs", async () => {
    const sessions = createSessions({ store: cookieStore({ secret: SECRET }), key: "sid" });
    await expect(sessions.revokeBefore(new Date(0))).rejects.toMatchObject({
      code: "ERR_SESSION_USE",
      message: expect.stringContaining("cookieStore({ secret, revocations: table })") as string,
    });
  });
});

/** What is asked of both tables of Cloudflare in workerd. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import {
  FAULTS,
  INSERTS,
  SEQUELS,
  explore as exploreBirth,
} from "../../contracts/interleavings/births.ts";
import { PAIRS, explore } from "../../contracts/interleavings/interleavings.ts";
import { testTable } from "../../contracts/tables/whole-table.ts";
import { tableIn } from "../../support/cloudflare/table-in.mjs";
import { startWorkerd } from "../../support/cloudflare/workerd.ts";
import type { Workerd } from "../../support/cloudflare/workerd.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { contractChild } from "../../support/tables/contract-child.ts";

/** @returns the one that the tests share */
export function testInWorkerd(which: "durable" | "D1"): () => Workerd {
  const sendsAgain = which === "durable";
  let workerd: Workerd;
  beforeAll(async () => {
    workerd = await startWorkerd();
  }, 60_000);
  afterAll(() => workerd?.stop());

  /** Each test has a table of its own in D1. */
  const newKind = async (): Promise<string> => {
    if (which === "durable") return which;
    const name = `t_${randomBytes(8).toString("hex")}`;
    await workerd.ask(`/table/${name}`, ["migrate"]);
    return name;
  };
  const open = async (): Promise<OpenTable> => {
    const kind = await newKind();
    return {
      table: tableIn(workerd.url, kind),
      other: tableIn(workerd.url, kind, "second"),
      child: contractChild("cloudflare", workerd.url, kind),
      sendsAgain,
    };
  };

  testTable(open, {
    sequences: 20,
    async failing() {
      const proxy = await Proxy.before(workerd.port);
      const table = tableIn(`http://127.0.0.1:${proxy.port}`, await newKind());
      return { table, fail: () => proxy.close() };
    },
    ...(which === "durable" && { notShown: ["sweep", "getMany"] }),
  });

  it.each(PAIRS.map((kinds) => [kinds.join(" || "), kinds] as const))(
    'L5: the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { table } = await open();
      const { runs, violations } = await explore(table, kinds, "alice");
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
  );

  const births = FAULTS.flatMap((fault) =>
    INSERTS.flatMap((insert) => SEQUELS.map((sequel) => ({ fault, insert, sequel }))),
  ).filter(({ fault, insert }) => sendsAgain || fault === "delayed" || insert === "list");
  it.each(births)(
    "L6: a $fault insert of the $insert, followed by $sequel, brings nothing back, whenever it arrives",
    async (birth) => {
      const { table } = await open();
      const { runs, violations } = await exploreBirth(table, birth);
      expect(runs).toBeGreaterThan(3);
      expect([...new Set(violations)]).toEqual([]);
    },
  );
  return () => workerd;
}

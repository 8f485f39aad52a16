import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBuilt } from "../setup/project.ts";
import { confide, confideCookies } from "../support/leaks.ts";
import { SECRET } from "../support/secrets.ts";
import { load } from "../tools/load.mjs";
import { OLD } from "./libraries.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-adopt-"));
const children: ChildProcess[] = [];
const bases: string[] = [];

beforeAll(async () => {
  requireBuilt();
  for (let n = 0; n < 2; n++) {
    const child = fork(join(import.meta.dirname, "adopting-child.mjs"), [folder], {
      env: { ...process.env, ADOPT_SECRET: SECRET, OLD_PASSWORD: OLD },
    });
    children.push(child);
    const [port] = (await once(child, "message")) as [number];
    bases.push(`http://127.0.0.1:${port}`);
  }
});

afterAll(async () => {
  for (const child of children) {
    const gone = once(child, "exit");
    child.kill();
    await gone;
  }
  rmSync(folder, { recursive: true });
});

async function visit(process: number, path: string, cookie: string): Promise<Visited> {
  const response = await fetch(`${bases[process]}/${path}`, { headers: { cookie } });
  const set = confideCookies(response.headers.getSetCookie());
  const ours = set.find((each) => each.startsWith("__Host-session="))?.split(";")[0];
  return { data: (await response.json()) as Visited["data"], ours };
}

interface Visited {
  readonly data: Readonly<Record<string, unknown>>;
  readonly ours: string | undefined;
}

describe("L6: an old session that two processes over LMDB adopt at once", () => {
  it("twenty requests make one session with all their keys, and its log-out holds in both", async () => {
    const { sealData } = (await load("iron-session")) as {
      sealData: (data: object, options: object) => Promise<string>;
    };
    const old = `sid=${confide(await sealData({ user: "alice" }, { password: OLD }))}`;
    const visits = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => visit(n % 2, `k${n}`, old)),
    );
    expect(visits.map(({ data }) => data["user"])).toEqual(Array<string>(20).fill("alice"));
    const cookies = [...new Set(visits.map(({ ours }) => ours))];
    expect(cookies).toHaveLength(1);
    const [ours = ""] = cookies;
    expect(Object.keys((await visit(1, "", ours)).data)).toHaveLength(21);
    await visit(0, "out", ours);
    for (const cookie of [ours, old]) {
      expect([(await visit(0, "", cookie)).data, (await visit(1, "", cookie)).data]).toEqual([
        {},
        {},
      ]);
    }
  });
});

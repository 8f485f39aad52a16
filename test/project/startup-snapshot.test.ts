/** What starts of one V8 start-up snapshot share: everything that the process had before, and no randomness. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { load } from "../tools/load.mjs";
import { requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";

interface Esbuild {
  build(options: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** An application that has answered a request before the snapshot, so that all of its code is warm. */
const PROGRAM = `
  import { startupSnapshot } from "node:v8";
  import { createSessions, createTable, tableStore } from "sojourn";

  const memory = createTable();
  const drawn = [];
  const table = {
    get: (key) => memory.get(key),
    insert(key, row, now) {
      drawn.push(key, row.version);
      return memory.insert(key, row, now);
    },
    replace: (key, version, row, now) => memory.replace(key, version, row, now),
    touch: (key, version, expiresAt, now) => memory.touch(key, version, expiresAt, now),
    delete: (key, version) => memory.delete(key, version),
  };
  const sessions = createSessions({ store: tableStore({ table }), key: "sid" });

  async function begin() {
    const { session, commit } = await sessions.open({});
    session.put("user", "ada");
    const { cookie } = await commit();
    return [cookie.value, session.id, ...drawn.splice(0)];
  }

  startupSnapshot.setDeserializeMainFunction(async () => {
    console.log(JSON.stringify([await begin(), await begin()]));
  });
  begin();
`;

describe("S1: a start-up snapshot", () => {
  const folder = join(root, "build/startup-snapshot");
  const snapshot = join(folder, "app.blob");

  beforeAll(async () => {
    requireBuilt();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "main.mjs"), PROGRAM);
    const esbuild = (await load("esbuild")) as Esbuild;
    const outfile = join(folder, "main.cjs");
    await esbuild.build({
      entryPoints: [join(folder, "main.mjs")],
      bundle: true,
      platform: "node",
      format: "cjs",
      outfile,
      logLevel: "error",
    });
    const { code, stderr } = await runNode([
      "--snapshot-blob",
      snapshot,
      "--build-snapshot",
      outfile,
    ]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("Error")]);
  }, 60_000);

  it("each start issues other tokens, ids, handles and versions", async () => {
    const drawn: unknown[] = [];
    for (let start = 0; start < 3; start++) {
      const { stdout } = await runNode(["--snapshot-blob", snapshot, "main.js"]);
      drawn.push(...(JSON.parse(stdout) as unknown[][]).flat());
    }
    expect(drawn).toHaveLength(3 * 2 * 4);
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});

/**
 * Java's own clients: they offer h2c with each request, and write some cookies as RFC 2965 wanted. It runs where a JDK is
 * installed; what they send is also tested without one, in read-cookies.test.ts and sockets/upgrade-header.test.ts.
 */
import { execFile, spawnSync } from "node:child_process";
import * as http from "node:http";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { session } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { freshKey, start } from "../contracts/hosts/world.ts";
import type { Data } from "../contracts/hosts/world.ts";

const hasJava = spawnSync("javac", ["-version"]).status === 0;
const VISIT = fileURLToPath(new URL("clients/Visit.java", import.meta.url));

async function visit(port: number, client: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("java", [
    VISIT,
    `http://127.0.0.1:${port}/`,
    client,
  ]);
  return stdout.trim().split("\n");
}

describe.runIf(hasJava).each(["HttpClient", "HttpURLConnection"])("Java's %s", (client) => {
  test.each(storeKinds)(
    "the client keeps its session with $name",
    { timeout: 60_000 },
    async (kind) => {
      const { store } = kind.open();
      const sessions = createSessions<Data>({ store, key: freshKey(), secure: false });
      const listener = session(sessions, (req, res) => {
        sessions.updateSession(req, "n", (n = 0) => n + 1);
        res.end(`visit ${sessions.getSession(req, "n")}`);
      });
      const { port } = await start(http.createServer(listener));
      expect(await visit(port, client)).toEqual(["visit 1", "visit 2", "visit 3"]);
    },
  );

  test(
    "L12: the client takes a cookie with persist for one of today, because it has Expires, too",
    { timeout: 60_000 },
    async () => {
      const headers: (string | undefined)[] = [];
      const { store } = storeKinds[1]?.open() ?? expect.fail();
      const key = freshKey();
      const sessions = createSessions<Data>({ store, key, secure: false, persist: true });
      const listener = session(sessions, (req, res) => {
        headers.push(req.headers.cookie);
        sessions.updateSession(req, "n", (n = 0) => n + 1);
        res.end(`visit ${sessions.getSession(req, "n")}`);
      });
      const { port } = await start(http.createServer(listener));
      expect(await visit(port, client)).toEqual(["visit 1", "visit 2", "visit 3"]);
      expect(headers.slice(1).every((header) => header?.startsWith(`${key}=`))).toBe(true);
    },
  );

  test(
    "a cookie that the client writes as RFC 2965 wanted is read",
    { timeout: 60_000 },
    async () => {
      const headers: (string | undefined)[] = [];
      const { store } = storeKinds[1]?.open() ?? expect.fail();
      const sessions = createSessions<Data>({
        store,
        key: freshKey(),
        secure: false,
        persist: true,
      });
      const listener = session(sessions, (req, res) => {
        headers.push(req.headers.cookie);
        sessions.updateSession(req, "n", (n = 0) => n + 1);
        res.end(`visit ${sessions.getSession(req, "n")}`);
      });
      // A proxy that leaves Expires out, as our own cookies did.
      const { port } = await start(
        http.createServer((req, res) => {
          const { setHeader } = res;
          res.setHeader = (name, value) => {
            const texts = Array.isArray(value)
              ? value.map((each) => each.replace(/; Expires=[^;]*/, ""))
              : value;
            return Reflect.apply(setHeader, res, [name, texts]);
          };
          listener(req, res);
        }),
      );
      expect(await visit(port, client)).toEqual(["visit 1", "visit 2", "visit 3"]);
      expect(headers[1]).toMatch(/^\$Version="1"; /);
    },
  );
});

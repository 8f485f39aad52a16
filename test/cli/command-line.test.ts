/** The command line as its users meet it: each call is a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nearest } from "../../src/cli/nearest.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { lmdbTable } from "../../src/tables/lmdb.ts";
import type { LmdbTable } from "../../src/tables/lmdb.ts";
import { manifest, requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import type { Outcome } from "../setup/run.ts";
import { Browser } from "../support/browser.ts";
import { SECRET } from "../support/secrets.ts";

const MAIN = join(root, "dist/cli/main.js");

beforeAll(requireBuilt);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sojourn = (...words: string[]): Promise<Outcome> =>
  runNode([MAIN, ...words], { cwd: folder });

/** What a wrong call gives: nothing that a program could take for the result. */
const wrong = (message: RegExp): object => ({
  code: 2,
  stdout: "",
  stderr: expect.stringMatching(message) as string,
});

describe("the help of the command line", () => {
  it("the help lists each command, asked for or not", async () => {
    const { code, stdout, stderr } = await sojourn("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const words of [
      "secret",
      "ddl postgres",
      "list <subject>",
      "revoke <subject>",
      "sweep",
      "doctor",
    ]) {
      expect(stdout).toContain(`\n  ${words}`);
    }
    for (const words of [[], ["-h"], ["help"]]) {
      expect(await sojourn(...words)).toEqual({ code: 0, stdout, stderr });
    }
  });

  it("the help of one command lists its options", async () => {
    const help = await sojourn("list", "--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/npx sojourn list <subject>.*--config <file>.*--limit <count>/s);
    expect(await sojourn("list", "-h")).toEqual(help);
    expect(await sojourn("help", "list")).toEqual(help);
  });

  it("the version is the one of the package", async () => {
    for (const word of ["--version", "-v"]) {
      expect(await sojourn(word)).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
    }
  });
});

describe("a wrong call of the command line", () => {
  it.each<[words: string[], message: RegExp]>([
    [["lst"], /no command lst; did you mean list\?/],
    [["help", "revoek"], /no command revoek; did you mean revoke\?/],
    [["explode"], /^there is no command explode\n/],
    [["constructor"], /^there is no command constructor\n/],
    [["ddl"], /ddl needs a database: mysql, postgres, sqlite/],
    [["ddl", "postgresql"], /ddl knows no postgresql; did you mean postgres\?/],
    [["ddl", "postgres", "x", "y"], /no more/],
    [["ddl", "postgres", "Robert'); DROP TABLE"], /table must be a name/],
    [["list"], /takes one subject/],
    [["list", "alice", "bob"], /takes one subject/],
    [["list", "alice", "--confg", "x.js"], /has no option --confg; did you mean --config\?/],
    [["list", "alice", "--constructor"], /has no option --constructor\n/],
    [["list", "alice", "--config"], /--config needs a value: --config <file>/],
    [["list", "alice", "--config", "--json"], /--config needs a value/],
    [["list", "alice", "--json=yes"], /--json takes no value/],
    [["list", "alice", "--limit", "0"], /--limit takes a whole number above 0, got 0/],
    [["list", "alice", "--number"], /alice is no number/],
    [["revoke", "--before", "yesterday"], /--before takes/],
    [["revoke", "--before", "2026-01-01"], /with its time zone/],
    [["revoke", "alice", "--before", "now"], /name no subject/],
    [["sweep", "now"], /options alone/],
    [["doctor", "redis"], /options alone/],
  ])(
    "the command line refuses %j and names the nearest word that it knows",
    async (words, message) => {
      expect(await sojourn(...words)).toEqual(wrong(message));
    },
  );

  it("the nearest word may have a letter more, less, changed or exchanged, or go on", () => {
    const words = ["secret", "ddl", "list", "revoke", "sweep"];
    const near = ["secrets", "secet", "sacret", "sercet", "sec"].map((word) =>
      nearest(word, words),
    );
    expect(near).toEqual(near.map(() => "secret"));
    expect(nearest("x", words)).toBeUndefined();
  });
});

describe("the output of the command line", () => {
  it("with --json a secret and a DDL are JSON", async () => {
    const made = await sojourn("secret", "--json");
    expect(JSON.parse(made.stdout)).toEqual({ secret: expect.stringMatching(/^\S{43,}$/) });
    const { stdout: sql } = await sojourn("ddl", "sqlite", "mine");
    expect(sql).toContain('"mine"');
    expect(JSON.parse((await sojourn("ddl", "sqlite", "mine", "--json")).stdout)).toEqual({ sql });
  });

  it("a reader that has gone is no error", async () => {
    const child = spawn(process.execPath, [MAIN, "ddl", "postgres"], { stdio: "pipe" });
    child.stdout.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ said, code }).toEqual({ said: "", code: 0 });
  });

  it.skipIf(process.platform !== "linux")("a full disk is one line, and exit code 1", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [MAIN, "secret"], { stdio: ["ignore", full, "pipe"] });
    const [said, [code]] = await Promise.all([
      text(child.stderr ?? process.stdin),
      once(child, "exit"),
    ]);
    expect(said).toMatch(/^cannot write: ENOSPC.*\n$/);
    expect(code).toBe(1);
  });
});

describe("the sessions of an application by the command line", () => {
  interface Data {
    user: string | number;
  }
  let table: LmdbTable;
  let sessions: Sessions<Data>;
  let opened = 0;
  beforeEach(() => {
    const path = join(folder, `data ${opened++}`);
    table = lmdbTable({ path });
    sessions = createSessions<Data>({
      store: tableStore({ table, secret: SECRET }),
      key: "__Host-session",
      subject: "user",
    });
    const built = (file: string): string => pathToFileURL(join(root, "dist", file)).href;
    writeFileSync(
      join(folder, "sessions.js"),
      `import { createSessions, tableStore } from ${JSON.stringify(built("index.js"))};
import { lmdbTable } from ${JSON.stringify(built("tables/lmdb.js"))};
export const table = lmdbTable({ path: ${JSON.stringify(path)} });
export const sessions = createSessions({
  store: tableStore({ table, secret: ${JSON.stringify(SECRET)} }), key: "__Host-session", subject: "user",
});
setInterval(() => {}, 1000); // as a pool of connections would, it keeps a process alive
`,
    );
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  });
  afterEach(() => table.close());

  const signIn = async (user: string | number): Promise<Browser> => {
    const browser = new Browser(sessions, Date.now);
    await browser.visit((conn) => {
      sessions.renewSession(conn);
      sessions.putSession(conn, "user", user);
    });
    return browser;
  };
  const userOf = async (browser: Browser): Promise<unknown> =>
    (await browser.visit((conn) => sessions.getSession(conn, "user"))).result;

  it("list shows the sessions of a subject, and those of nobody else", async () => {
    await signIn("alice");
    await signIn("alice");
    await signIn("bob");
    const listed = await sessions.list("alice");
    const { code, stdout, stderr } = await sojourn("list", "alice");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^handle +created +signed in +last seen$/);
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual(listed.map(({ handle }) => handle));
    const json = await sojourn("list", "alice", "--json", "--limit", "1");
    expect(JSON.parse(json.stdout)).toEqual([
      {
        handle: listed[0]?.handle,
        createdAt: listed[0]?.createdAt.toISOString(),
        signedInAt: listed[0]?.signedInAt.toISOString(),
        lastSeenAt: listed[0]?.lastSeenAt.toISOString(),
      },
    ]);
    expect(await sojourn("list", "carol")).toEqual({
      code: 0,
      stdout: "no sessions\n",
      stderr: "",
    });
  });

  it("revoke ends all sessions of a subject, or the one that it is given", async () => {
    const [first, second, bob] = [
      await signIn("alice"),
      await signIn("alice"),
      await signIn("bob"),
    ];
    const [newest] = await sessions.list("alice");
    const one = await sojourn("revoke", "alice", "--session", newest?.handle ?? "");
    expect(one).toEqual({ code: 0, stdout: `ended ${newest?.handle} of alice\n`, stderr: "" });
    expect([await userOf(first), await userOf(second)]).toEqual(["alice", undefined]);
    const all = await sojourn("revoke", "alice", "--json");
    expect(JSON.parse(all.stdout)).toEqual({ subject: "alice" });
    expect([await userOf(first), await userOf(bob)]).toEqual([undefined, "bob"]);
  });

  it("a subject that is a number is another one than its text", async () => {
    const seven = await signIn(7);
    await sojourn("revoke", "7");
    expect(await userOf(seven)).toBe(7);
    expect((await sojourn("list", "7", "--number")).stdout.split("\n")).toHaveLength(3);
    expect((await sojourn("revoke", "7", "--number")).code).toBe(0);
    expect(await userOf(seven)).toBeUndefined();
  });

  it("revoke --before ends the sessions of everybody", async () => {
    await signIn("alice");
    const future = await sojourn("revoke", "--before", "2999-01-01T00:00:00Z");
    expect(future).toMatchObject({ code: 1, stderr: expect.stringContaining("not in the future") });
    const { code, stdout } = await sojourn("revoke", "--before", "now");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ended all sessions from before \d{4}-.*Z\n$/);
    // This process has not read the mark yet, and another one reads it at its first session.
    expect((await sojourn("list", "alice")).stdout).toBe("no sessions\n");
  });

  it("doctor writes, reads, changes and deletes a row of its own, and leaves nothing", async () => {
    const { code, stdout, stderr } = await sojourn("doctor");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n")).toHaveLength(8);
    for (const line of stdout.trimEnd().split("\n"))
      expect(line).toMatch(/^ok {2}.* \d+(\.\d)? ms$/);
    expect(await table.sweep?.(Number.MAX_SAFE_INTEGER)).toBe(0);
    const json = JSON.parse((await sojourn("doctor", "--json")).stdout) as unknown[];
    expect(json).toHaveLength(8);
    expect(json.at(-1)).toEqual({
      step: "a row is deleted",
      isFine: true,
      milliseconds: expect.any(Number),
    });
  });

  it("sweep removes rows whose deadline is more than five minutes ago", async () => {
    const dead = { value: "", version: 1, expiresAt: Date.now() - 310_000 };
    await table.insert("dead", dead, 0);
    await table.insert("late", { ...dead, expiresAt: Date.now() - 200_000 }, 0);
    expect(await sojourn("sweep")).toEqual({ code: 0, stdout: "removed 1 row\n", stderr: "" });
    expect(table.get("late")).toBeDefined();
    expect(JSON.parse((await sojourn("sweep", "--json")).stdout)).toEqual({ swept: 0 });
  });
});

describe("a module that the command line cannot use", () => {
  const failing: readonly [what: string, file: string, source: string | undefined, RegExp][] = [
    ["is not there", "absent.js", undefined, /^cannot load absent\.js: .*absent/],
    ["throws", "throws.mjs", `throw new Error("no database")`, /^cannot load .*: no database\n$/],
    [
      "exports no sessions",
      "empty.mjs",
      "export const a = 1;",
      /exports no sessions: export const/,
    ],
    ["is of CommonJS and exports none", "empty.cjs", "module.exports = {}", /exports no sessions/],
    [
      "exports two",
      "two.mjs",
      `const make = () => ({ list() {}, revoke() {}, revokeOne() {}, revokeBefore() {} });
       export const a = make(), b = make();`,
      /exports 2 sessions: export one/,
    ],
    [
      "has a store that fails",
      "fails.mjs",
      `const fail = () => { throw new Error("is down", { cause: new Error("ECONNREFUSED") }); };
       export const a = { list: fail, revoke: fail, revokeOne: fail, revokeBefore: fail };`,
      /^is down\n {2}ECONNREFUSED\n$/,
    ],
  ];
  it.each(failing)(
    "a module that %s is exit code 1 and says why",
    async (_what, file, source, why) => {
      if (source !== undefined) writeFileSync(join(folder, file), source);
      const { code, stdout, stderr } = await sojourn("list", "alice", "--config", file);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(why);
    },
  );
});

describe("the doctor of the command line", () => {
  const index = (): string => JSON.stringify(pathToFileURL(join(root, "dist/index.js")).href);
  const faulty: readonly [what: string, change: string, lines: RegExp][] = [
    [
      "ends with the process",
      "",
      /^fault +rows outlive the process +the table is in memory.*\nok +a row is inserted/m,
    ],
    [
      "cannot be written",
      `table.insert = () => { throw new Error("permission denied"); };`,
      /^fault +a row is inserted +permission denied\n$/m,
    ],
    [
      "loses what it is given",
      "table.get = () => undefined;",
      /^fault +a row is read back +the table has answered undefined\n$/m,
    ],
    [
      "takes a write with an old version",
      `table.replace = () => "done";`,
      /^fault +a write with an old version is refused +the table has answered "done"\n$/m,
    ],
    [
      "never answers",
      "table.delete = () => new Promise(() => {});",
      /^fault +a row is deleted +no answer within 5 seconds\n$/m,
    ],
  ];
  it.each(faulty)("a table that %s is a fault, and exit code 1", async (_what, change, lines) => {
    writeFileSync(
      join(folder, "faulty.mjs"),
      `import { createSessions, createTable, tableStore } from ${index()};
export const table = createTable();
${change}
export const sessions = createSessions({ store: tableStore({ table }), key: "__Host-session" });
`,
    );
    const { code, stdout, stderr } = await sojourn("doctor", "--config", "faulty.mjs");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(lines);
  });

  it("a module without a table is a fault that says what to export", async () => {
    writeFileSync(join(folder, "none.mjs"), "export const a = 1;");
    const { code, stdout } = await sojourn("doctor", "--config", "none.mjs");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +none\.mjs exports the sessions +export createSessions/m);
    expect(stdout).toMatch(/^fault +none\.mjs exports the table +export the table/m);
  });
});

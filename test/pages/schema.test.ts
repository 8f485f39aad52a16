/** Runs the code of docs/guide/schema.md. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { chaptersOf, readPage } from "../setup/markdown.ts";
import { read, root } from "../setup/project.ts";
import { Browser } from "../support/browser.ts";
import { refusals } from "../support/events.ts";
import { SECRET } from "../support/secrets.ts";
import { visit } from "../support/visit.ts";

interface Data {
  user_id: string;
  cart: { sku: string; count?: number }[];
}
interface Page {
  readonly sessions: Sessions<Data>;
  readonly addToCart: (conn: Conn, form: unknown) => string | undefined;
}

const folder = join(root, "build/schema-page");
const chapters = chaptersOf(readPage("docs/guide/schema.md", read("docs/guide/schema.md")));

/** A file of a chapter, over the very sources that the test uses. */
async function load(chapter: number, file: string): Promise<Page> {
  return (await import(/* @vite-ignore */ join(folder, String(chapter), file))) as Page;
}

beforeAll(() => {
  vi.stubEnv("SESSION_SECRET", SECRET);
  rmSync(folder, { recursive: true, force: true });
  for (const [index, { modules }] of chapters.entries()) {
    mkdirSync(join(folder, String(index)), { recursive: true });
    for (const { file, lines } of modules) {
      const source = lines.map(({ text }) =>
        text.replace(/ from "sojourn"/, ' from "../../../src/index.ts"'),
      );
      writeFileSync(join(folder, String(index), file), source.join("\n"));
    }
  }
});

describe("docs/guide/schema.md", () => {
  it("addToCart puts a value that fits, and tells a visitor what is wrong with another", async () => {
    const { sessions } = await load(0, "sessions.ts");
    const { addToCart } = await load(0, "cart.ts");
    const browser = new Browser(sessions, Date.now);
    const { result } = await browser.visit((conn) => [
      addToCart(conn, { sku: "a", count: "2" }),
      addToCart(conn, { sku: "a", count: "two" }),
    ]);
    expect(result).toEqual([undefined, expect.stringContaining("count")]);
    const cart = await browser.visit((conn) => sessions.getSession(conn, "cart"));
    expect(cart.result).toEqual([{ sku: "a", count: 2 }]);
  });

  it("one session takes schemas of several libraries", async () => {
    const { sessions } = await load(0, "mixed.ts");
    const misfit = expect.objectContaining({ code: "ERR_SESSION_SCHEMA" });
    await new Browser(sessions, Date.now).visit((conn) => {
      const put = sessions.putSession as (conn: Conn, key: string, value: unknown) => void;
      for (const [key, good] of [
        ["user_id", "s1"],
        ["visits", 1],
        ["role", "admin"],
      ] as const) {
        put(conn, key, good);
        expect(() => put(conn, key, [])).toThrow(misfit);
      }
    });
  });

  it.each<[string, Record<string, unknown>, unknown, string[]]>([
    [
      "from before",
      { user: "ann", cart: ["a"] },
      { user_id: "ann", cart: [{ sku: "a", count: 1 }] },
      [],
    ],
    ["of a visitor from before", { cart: ["a"] }, { cart: [{ sku: "a", count: 1 }] }, []],
    [
      "of now",
      { user_id: "ann", cart: [{ sku: "a" }] },
      { user_id: "ann", cart: [{ sku: "a", count: 1 }] },
      [],
    ],
    ["of a later version", { user_id: "ann", theme: "dark" }, { user_id: "ann" }, []],
    ["that migrate does not know", { user: 7 }, {}, []],
    ["that fits nowhere", { user_id: 7 }, {}, ["schema"]],
  ])("the page's migrate handles data %s", async (_, data, expected, reasons) => {
    const options = { store: cookieStore({ secret: SECRET }), key: "__Host-session" };
    const before = createSessions(options);
    const browser = new Browser(before, Date.now);
    await browser.visit((conn) => {
      for (const [key, value] of Object.entries(data)) before.putSession(conn, key, value);
    });
    const { sessions } = await load(1, "sessions.ts");
    const look = (conn: Conn): unknown => sessions.getSession(conn);
    const { result, events } = await visit(sessions, browser.jar.header, look);
    expect([result, refusals(events)]).toEqual([expected, reasons]);
  });
});

import { beforeAll, describe, expect, it, vi } from "vitest";
import { read } from "../setup/project.ts";
import type { Library } from "./library.ts";
import { csrf } from "./programs/csrf.ts";
import { logInElsewhere } from "./programs/log-in-elsewhere.ts";
import { withPassport } from "./programs/passport.ts";
import { sockets, webSocket } from "./programs/sockets.ts";
import { state } from "./programs/state.ts";
import { kinds, run } from "./run.ts";
import type { Kind } from "./run.ts";

const libraries: readonly Library[] = [
  ...csrf,
  ...state,
  ...withPassport,
  ...logInElsewhere,
  ...sockets,
  webSocket,
];

const dropIns = Object.keys(kinds).slice(1) as Kind[];

beforeAll(() => {
  // The provider says which of its defaults are for development only.
  for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockReturnValue();
});

describe("the page about libraries", () => {
  it("the page has a row for each program that is run here", () => {
    const page = read("docs/coming-from/libraries.md");
    const rows = page
      .split("\n")
      .filter((line) => /^\| [a-z@]/.test(line) && !line.startsWith("| library"));
    expect(rows).toEqual(libraries.map(({ name, used }) => `| ${name} | ${used} |`));
  });
});

describe.each(libraries)("a program with $name: $used", (library) => {
  it("the program sees with the drop-in what it sees with express-session", async () => {
    const wanted = await run(library, "express-session");
    for (const mark of library.sees) expect(wanted.join("\n")).toMatch(new RegExp(mark, "m"));
    for (const kind of dropIns) expect(await run(library, kind), kind).toEqual(wanted);
  });
});

import { expect, it } from "vitest";
import { read } from "../../setup/project.ts";
import { differenceTable } from "./differences.ts";

it("the page for users of express-session has the list of differences that the programs go by", () => {
  expect(read("docs/coming-from/express-session.md")).toContain(`\n${differenceTable()}\n`);
});

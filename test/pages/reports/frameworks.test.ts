import { describe, expect, it } from "vitest";
import { allTests, isWhole, matrixOf } from "../../frameworks/support/matrix.ts";
import { withTable } from "../../setup/page-table.ts";
import { read } from "../../setup/project.ts";

describe("the matrix of docs/frameworks/README.md", () => {
  it("the matrix has every framework, every check and the versions of the examples, with no hole", () => {
    const page = read("docs/frameworks/README.md");
    const matrix = matrixOf(allTests().map((name) => ({ name, passed: true })));
    expect(isWhole(matrix)).toBe(true);
    expect(withTable(page, "npm run test:frameworks", matrix)).toBe(page);
  });

  it("a check that fails, and one that did not run, are seen in the matrix", () => {
    const [first = "", ...others] = allTests();
    const passed = others.map((name) => ({ name, passed: true }));
    expect(matrixOf([{ name: first, passed: false }, ...passed])).toContain("**✗**");
    expect(isWhole(matrixOf(passed))).toBe(false);
  });
});

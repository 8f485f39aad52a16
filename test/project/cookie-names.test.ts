import { describe, expect, it } from "vitest";
import { filesBelow, read } from "../setup/project.ts";

/** Whatever a reader may copy from. */
const FILES = [
  "README.md",
  "SECURITY.md",
  ...["docs", "examples", "src"].flatMap((folder) =>
    filesBelow(folder)
      .filter((file) => /\.(?:md|ts)$/.test(file))
      .map((file) => `${folder}/${file}`),
  ),
];
const texts = FILES.map((file) => [file, read(file)] as const);

/** A cookie's name, with what stands behind it in the same call. */
const NAMED = /\bkey: "([\w-]+)"([^]{0,200}?)(?:\}\)|$)/g;

describe("L11: the names of cookies that a reader may copy", () => {
  it("each is a __Host- name, unless the cookie is for a path or a domain", () => {
    const named = texts.flatMap(([file, text]) =>
      [...text.matchAll(NAMED)].map(([, name = "", rest = ""]) => ({ file, name, rest })),
    );
    expect(named.length).toBeGreaterThan(20);
    const weak = named.filter(({ name, rest }) => {
      if (name.startsWith("__Host-")) return false;
      return !(name.startsWith("__Secure-") && /\b(?:path|domain): "/.test(rest));
    });
    expect(weak.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  it("the name of Dynamo's own guide stands only where a page speaks of that guide", () => {
    const where = texts.filter(([, text]) => text.includes("_example_session"));
    expect(where.map(([file]) => file).toSorted()).toEqual([
      "docs/guide/dynamo.md",
      "docs/guide/guide.md",
    ]);
  });
});

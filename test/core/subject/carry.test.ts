import { describe, expect, it } from "vitest";
import { Changes } from "../../../src/core/commit/changes.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { subjectReader } from "../../../src/core/subject/subject.ts";
import { createTable } from "../../../src/tables/named-tables.ts";

const reader = { subject: "user", subjectOf: subjectReader("user"), carry: ["language"] };
const BASE = {
  data: { user: "ann", language: "de", admin: true, n: 4, "": 1 },
  flash: { notice: ["stamp", "for ann"] as const },
};

function changesOf(base = BASE): Changes {
  return new Changes(base, subjectReader("user")(base.data), reader);
}

describe("L9: what a request sees after it has changed the subject", () => {
  it("the request sees what `carry` names and what it has put, also before the change", () => {
    const changes = changesOf();
    changes.put("theme", "dark");
    changes.delete("language");
    changes.put("user", "bob");
    changes.put("cart", [1]);
    expect(changes.data).toEqual({ user: "bob", theme: "dark", cart: [1] });
  });

  it("the request sees no message of the subject before, and leaves its own", () => {
    const changes = changesOf();
    changes.put("user", "bob");
    expect(changes.take("notice")).toBeUndefined();
    changes.leave("welcome", "own", "for bob");
    expect(changes.applyToFlash(BASE.flash)).toEqual({ welcome: ["own", "for bob"] });
  });

  it.each(["before", "after"])("an update from %s the change runs on what is left", (when) => {
    const changes = changesOf();
    const update = (): void => {
      changes.update("n", (n) => Number(n ?? 0) + 1);
      changes.update("language", (language) => `${String(language)}-AT`);
    };
    if (when === "before") update();
    changes.put("user", "bob");
    if (when === "after") update();
    expect(changes.data).toEqual({ user: "bob", n: 1, language: "de-AT" });
    const fresher = { ...BASE.data, n: 9, language: "en" };
    expect(changes.applyTo(fresher)).toEqual({ user: "bob", n: 1, language: "en-AT" });
  });

  it("a subject that is removed takes its data with it, and one that comes back brings it back", () => {
    const changes = changesOf();
    changes.delete("user");
    expect(changes.data).toEqual({ language: "de" });
    changes.put("user", "ann");
    expect(changes.data).toEqual(BASE.data);
    expect(changes.applyToFlash(BASE.flash)).toBe(BASE.flash);
  });

  it("the subject's own key is decided once, also by an update", () => {
    const changes = changesOf();
    changes.update("user", (user) => `${String(user)}-2`);
    expect(changes.applyTo({ ...BASE.data })).toEqual({ user: "ann-2", language: "de" });
  });

  it("a session that was nobody's keeps its data for who signs in", () => {
    const changes = changesOf({ ...BASE, data: { ...BASE.data, user: undefined as never } });
    changes.put("user", "ann");
    expect(changes.data).toMatchObject({ user: "ann", admin: true, n: 4 });
  });

  it("a subject that is put again is the same, and ends nothing", () => {
    const changes = changesOf();
    changes.put("user", "ann");
    expect(changes.data).toEqual(BASE.data);
    expect(changes.endsData).toBe(false);
  });

  it("a value that cannot be a subject changes nothing", () => {
    const changes = changesOf();
    expect(() => changes.put("user", { id: 1 })).toThrow(/takes the subject/);
    expect(changes.data).toEqual(BASE.data);
  });
});

describe("the option carry", () => {
  const make = (options: object) => (): unknown =>
    createSessions({
      store: tableStore({ table: createTable() }),
      key: "sid",
      ...options,
    });

  it.each<[options: object, says: RegExp]>([
    [{ carry: ["language"] }, /give the option subject/],
    [{ carry: "language", subject: "user" }, /array of data keys/],
    [{ carry: [7], subject: "user" }, /array of data keys/],
    [{ carry: ["user"], subject: "user" }, /the subject's own key/],
  ])("createSessions refuses %o", (options, says) => {
    expect(make(options)).toThrow(says);
    expect(make(options)).toThrow(expect.objectContaining({ code: "ERR_SESSION_CONFIG" }));
  });

  it("createSessions refuses a key that the schema does not name", () => {
    const any = {
      "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
    };
    const schema = { user: any, language: any };
    expect(make({ schema, subject: "user", carry: ["theme"] })).toThrow(/carry names "theme"/);
    expect(make({ schema, subject: "user", carry: ["language"] })).not.toThrow();
  });
});

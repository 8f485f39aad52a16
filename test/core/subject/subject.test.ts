import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { visit } from "../../support/visit.ts";

const refused = expect.objectContaining({
  code: "ERR_SESSION_USE",
  message: expect.stringContaining("half a character") as string,
}) as Error;

describe("L7: a subject", () => {
  const sessions = createSessions<{ user: string }>({
    store: tableStore({ table: createTable() }),
    key: "session",
    subject: "user",
  });

  it.each(["zo\ud800", "\udc00zo", "zo\udc00\ud800"])(
    "text with half a character is refused, because it would be the same user as another text: %j",
    async (user) => {
      await visit(sessions, undefined, (conn) => {
        expect(() => sessions.putSession(conn, "user", user)).toThrow(refused);
      });
      await expect(sessions.revoke(user)).rejects.toThrow(refused);
      await expect(sessions.revokeOne(user, "a".repeat(22))).rejects.toThrow(refused);
      await expect(sessions.list(user)).rejects.toThrow(refused);
    },
  );

  it("whole characters of any plane are taken, and each text is a user of its own", async () => {
    for (const user of ["zo\ufffd", "\u{1f600}", ""]) {
      const { result } = await visit(sessions, undefined, (conn) => {
        sessions.putSession(conn, "user", user);
        return sessions.of(conn).id;
      });
      expect(result).toHaveLength(22);
      expect(await sessions.list(user)).toHaveLength(1);
    }
  });
});

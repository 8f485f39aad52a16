/** A visit of the shop, whose answers a caller checks. */
import { SessionError, createSessions } from "sojourn";
import { testClient } from "sojourn/testing";
import { app, sessions } from "./shop.js";

/** What a signed-in user sees, which pages the session has then, and what a wrong set-up says. */
export async function visit(): Promise<unknown[]> {
  const client = await testClient(sessions, app).as({
    user: "ada",
    since: new Date(0),
    seen: new Set(),
    bytes: new Uint8Array([1, 2]),
  });
  try {
    const answer = await (await client.fetch("/")).json();
    await client.fetch("/see/pens", { method: "POST" });
    const stored = await client.session();
    return [answer, [...(stored.get("seen") ?? [])], mistake()];
  } finally {
    await client.close();
  }
}

/** The error's class is the one that the application imports. A second copy of the package would have another. */
function mistake(): unknown {
  try {
    // @ts-expect-error: there is no store
    return createSessions({ key: "session" });
  } catch (error) {
    return error instanceof SessionError && error.code;
  }
}

export const expected = [["ada", true, true, true], ["pens"], "ERR_SESSION_CONFIG"];

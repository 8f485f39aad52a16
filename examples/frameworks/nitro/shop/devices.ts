import type { SessionOf } from "sojourn";
import { sessions } from "./sessions";

export async function devicesOf(session: SessionOf<typeof sessions>): Promise<readonly string[]> {
  const user = session.get("user_id");
  const own = session.handle;
  const listed =
    user === undefined || process.env.STORE === "sealed" ? [] : await sessions.list(user);
  const handles = listed.length > 0 ? listed.map(({ handle }) => handle) : [own];
  return handles.map((handle) => (handle === own ? "this device" : "another device"));
}

import { getSession } from "../lib/session";
import { sessions } from "../lib/sessions";

/** The streamed part: it comes when the rest of the page is there already. */
export async function Devices() {
  const session = await getSession();
  const user = session.get("user_id");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const listed =
    user === undefined || process.env.STORE === "sealed" ? [] : await sessions.list(user);
  const handles = listed.length > 0 ? listed.map(({ handle }) => handle) : [session.handle];
  return (
    <ul id="devices">
      {handles.map((handle) => (
        <li key={handle}>{handle === session.handle ? "this device" : "another device"}</li>
      ))}
    </ul>
  );
}

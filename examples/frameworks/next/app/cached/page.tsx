import { Suspense } from "react";
import { connection } from "next/server";
import { getSession } from "../../lib/session";

/** What everybody gets must not depend on one user's session. */
async function greeting(): Promise<string> {
  "use cache";
  const session = await getSession();
  return `hello ${session.get("user_id")}`;
}

async function Greeting() {
  await connection();
  return <p id="cached">{await greeting().catch(() => "refused")}</p>;
}

export default function Page() {
  return (
    <Suspense>
      <Greeting />
    </Suspense>
  );
}

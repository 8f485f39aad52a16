import { Suspense } from "react";
import { getSession } from "../../lib/session";

async function Account() {
  const session = await getSession();
  return <p id="account">{session.get("user_id")}</p>;
}

/** The proxy lets only users come here. */
export default function Page() {
  return (
    <Suspense>
      <Account />
    </Suspense>
  );
}

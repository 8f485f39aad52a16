import { Suspense } from "react";
import { getSession } from "../lib/session";
import { addToCart, failAfterWrite, logIn, logOut, loseTheWay } from "./actions";
import { Devices } from "./devices";

async function User() {
  const session = await getSession();
  return <p id="user">{session.get("user_id") ?? "nobody"}</p>;
}

async function Cart() {
  const session = await getSession();
  return <p id="cart">{session.get("cart")?.length ?? 0}</p>;
}

async function Notice() {
  const session = await getSession();
  return <p id="notice">{session.peek("notice") ?? ""}</p>;
}

/** What a component may not do: the compiler refuses it, and so does the session. */
async function LateWrite() {
  const session = await getSession();
  try {
    // @ts-expect-error The session of a component has no put.
    session.put("blob", "late");
    return <p id="late">written</p>;
  } catch (error) {
    return <p id="late">{(error as { code?: string }).code}</p>;
  }
}

export default function Page() {
  return (
    <main>
      <h1>A shop</h1>
      <Suspense fallback={<p>…</p>}>
        <User />
        <Cart />
        <Notice />
        <LateWrite />
      </Suspense>
      <form id="login" action={logIn}>
        <input name="name" aria-label="name" />
        <button>Log in</button>
      </form>
      <form id="add" action={addToCart}>
        <button>Add a pen</button>
      </form>
      <form id="fail" action={failAfterWrite}>
        <button>Fail</button>
      </form>
      <form id="lost" action={loseTheWay}>
        <button>Not found</button>
      </form>
      <form id="logout" action={logOut}>
        <button>Log out</button>
      </form>
      <Suspense fallback={<p>Your devices …</p>}>
        <Devices />
      </Suspense>
    </main>
  );
}

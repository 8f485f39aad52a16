import { getSession } from "../lib/session";

interface Props {
  readonly user: string;
  readonly visits: number;
}

/** The Pages Router. */
export const getServerSideProps = getSession.page((session) => {
  session.update("cart", (cart = []) => [...cart, "old"]);
  const { user_id: user = "nobody", cart = [] } = session.get();
  return { props: { user, visits: cart.length } satisfies Props };
});

export default function Page({ user, visits }: Props) {
  return (
    <p id="old">
      {user} {visits}
    </p>
  );
}

import { reads } from "../reads.server";

export async function loader() {
  return new Response(String(reads()));
}

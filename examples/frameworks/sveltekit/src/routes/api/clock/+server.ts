import { advance } from "../../../server/clock";

export function POST({ url }) {
  advance(Number(url.searchParams.get("hours")));
  return new Response(null, { status: 204 });
}

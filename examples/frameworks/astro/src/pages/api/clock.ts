import type { APIRoute } from "astro";
import { advance } from "../../server/clock";

export const POST: APIRoute = ({ url }) => {
  advance(Number(url.searchParams.get("hours")));
  return new Response(null, { status: 204 });
};

import { defineHandler } from "nitro/h3";
import { advance } from "../../shop/clock";

export default defineHandler(({ url }) => {
  advance(Number(url.searchParams.get("hours")));
  return new Response(null, { status: 204 });
});

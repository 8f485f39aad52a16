import { advance } from "../shop/clock";

export default defineEventHandler((event) => {
  advance(Number(getQuery(event).hours));
  return sendNoContent(event);
});

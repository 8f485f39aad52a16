/** Serves the built application by plain http. Behind a proxy that speaks https, `node build` is enough. */
import { createServer } from "node:http";

process.env.PROTOCOL_HEADER = "x-forwarded-proto";
const { handler } = await import("./build/handler.js");

createServer((request, response) => {
  request.headers["x-forwarded-proto"] ??= "http";
  handler(request, response);
}).listen(Number(process.env.PORT ?? 3000));

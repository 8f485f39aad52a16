import * as fs from "node:fs";
import { Readable } from "node:stream";
import type { Reply } from "./app.ts";

/** A reply as a `Response` of the Fetch standard. */
export function responseOf(reply: Reply): Response {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value].flat()) list.append(name, each);
  }
  if (redirect !== undefined) {
    list.set("Location", redirect);
    return new Response(null, { status: 302, headers: list });
  }
  return new Response(bodyOf(body, file), { status, headers: list });
}

/** A body as the Fetch standard takes it. */
export function bodyOf(body: Reply["body"], file?: string): string | ReadableStream | null {
  if (file !== undefined) return webStream(fs.createReadStream(file));
  if (typeof body === "object") return webStream(Readable.from(encoded(body)));
  return body ?? null;
}

async function* encoded(body: AsyncIterable<string | Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** Node's own type of a web stream is not the one that the platform declares. */
function webStream(source: Readable): ReadableStream {
  return Readable.toWeb(source) as ReadableStream;
}

import type { Ask, Reply } from "../neighbour.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** Asks a handler of the Fetch standard, as runtimes do that have no server of Node. */
export function askingOf(fetch: Fetch) {
  return async ({ method = "GET", path, headers, body }: Ask): Promise<Reply> => {
    const url = `http://localhost${path}`;
    const response = await fetch(
      new Request(url, { method, headers: headers ?? {}, body: body as string }),
    );
    const chunks: Uint8Array[] = [];
    let error = "";
    try {
      for await (const chunk of response.body ?? []) chunks.push(chunk);
    } catch (found) {
      error = (found as Error).message;
    }
    return {
      status: response.status,
      reason: response.statusText,
      headers: [...response.headers],
      body: Buffer.concat(chunks),
      trailers: [],
      error,
    };
  };
}

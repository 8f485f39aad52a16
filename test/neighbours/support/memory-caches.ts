/** The Cache API in memory, as Deno and workerd have it: what hono/cache keeps its answers in. */
export class MemoryCaches {
  readonly kept = new Map<string, Response>();
  open = async () => ({
    match: async (key: string | Request) => this.kept.get(urlOf(key))?.clone(),
    put: async (key: string | Request, response: Response) =>
      void this.kept.set(urlOf(key), response),
  });
}

function urlOf(key: string | Request): string {
  return typeof key === "string" ? key : key.url;
}

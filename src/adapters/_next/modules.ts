/**
 * The modules of Next, loaded at the first use. So a file with `sojourn/next` may be imported by the Pages Router as
 * well, which refuses an import of `next/headers`. The ending is for Node, where a bundler leaves this package alone.
 */
import type { JarCookie } from "../adapter.ts";

/** The cookies of a request of Next. A component's jar cannot set one. */
export interface NextJar {
  get(name: string): { readonly value: string } | undefined;
  set(name: string, value: string, options: JarCookie["options"]): unknown;
  delete(name: string): unknown;
}

/** The response of a proxy, as far as a proxy needs it. */
export interface NextAnswer extends Response {
  readonly cookies: Pick<NextJar, "set">;
}

interface NextHeaders {
  readonly cookies: () => Promise<NextJar>;
  readonly headers: () => Promise<Headers>;
}

interface NextServer {
  readonly NextResponse: {
    new (body: Response["body"], init: Response): NextAnswer;
    next(): NextAnswer;
  };
}

interface NextCache {
  /** Since Next 16. */
  readonly refresh?: () => void;
}

export function nextHeaders(): Promise<NextHeaders> {
  // @ts-expect-error Next is no package of this repository.
  return import("next/headers.js") as Promise<NextHeaders>;
}

export function nextServer(): Promise<NextServer> {
  // @ts-expect-error Next is no package of this repository.
  return import("next/server.js") as Promise<NextServer>;
}

export function nextCache(): Promise<NextCache> {
  // @ts-expect-error Next is no package of this repository.
  return import("next/cache.js") as Promise<NextCache>;
}

/**
 * Nitro runs `defineCachedHandler` once and gives the answer to everybody. So it takes the cookies out of what the handler
 * sees: in Nitro 3 out of the event's request; in Nitro 2 the handler gets an event of its own, with the same context.
 */
import { readCookies } from "../../core/cookie/read-cookies.ts";

interface Carrier {
  readonly context: object;
  readonly req?: unknown;
}

/** What Nitro 2 leaves in the context of a handler that it caches. */
interface CacheOfNitro2 {
  readonly cache?: { readonly options?: { readonly varies?: readonly string[] } };
}

/** Gives a function that says whether a cache hides the cookie of that name from the handler that runs now. */
export function watchCache(event: Carrier): (name: string) => boolean {
  const { req: before } = event;
  return (name) => {
    const { cache } = event.context as CacheOfNitro2;
    if (cache?.options)
      return !cache.options.varies?.some((each) => each.toLowerCase() === "cookie");
    const { req: now } = event;
    return now !== before && hasCookie(before, name) && !hasCookie(now, name);
  };
}

function hasCookie(request: unknown, name: string): boolean {
  const { headers } = request as { readonly headers?: Partial<Headers> };
  return readCookies(headers?.get?.("cookie"), name).length > 0;
}

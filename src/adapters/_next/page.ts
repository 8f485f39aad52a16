import type { ServerResponse } from "node:http";
import type { Awaitable } from "../../core/awaitable.ts";
import type { AnySessions, HostOptions, SessionOf } from "../../core/types.ts";
import type { ResponseHeaders } from "../adapter.ts";
import type { PageContext } from "../next.ts";

/** Runs a `getServerSideProps`, and commits before Next renders the page. */
export async function openPage<S extends AnySessions, Context extends PageContext, Result>(
  sessions: S,
  options: Pick<HostOptions, "onStoreError">,
  context: Context,
  run: (session: SessionOf<S>, context: Context) => Awaitable<Result>,
): Promise<Result> {
  const { req, res } = context;
  const { session, commit } = await sessions.open(req.headers, {
    ...options,
    gone: () => res.destroyed,
  });
  let result: Result;
  try {
    result = await run(session as SessionOf<S>, context);
  } catch (error) {
    await commit().catch(() => {}); // The handler's error is the one to mend.
    throw error;
  }
  (await commit()).writeTo(headersOf(res));
  return result;
}

function headersOf(res: ServerResponse): ResponseHeaders {
  return {
    get: (name) => res.getHeader(name)?.toString(),
    set: (name, value) => void res.setHeader(name, value),
    append: (name, value) => void res.appendHeader(name, value),
  };
}

import { applyCommitResult, applyLateLook } from "../cookie/response-headers.ts";
import type { CommitResult } from "../cookie/response-headers.ts";
import type { SentCookie } from "../cookie/set-cookie.ts";
import type { JarCookie, SessionAnswer } from "./answer.ts";
import type { HostSession } from "./host-session.ts";

/** Commits a session for whoever has opened it. */
export async function commitOpened(session: HostSession): Promise<SessionAnswer> {
  return answerOf(session, await session.commit());
}

/** What the response of a session needs after its commit. */
function answerOf(session: HostSession, result: CommitResult | undefined): SessionAnswer {
  return {
    written: result?.written ?? false,
    cookie: result?.cookie && jarCookie(result.cookie),
    former: result?.former?.map(jarCookie) ?? [],
    setCookie: result?.setCookie,
    writeTo(headers, { streams = false } = {}) {
      if (result) applyCommitResult(headers, result);
      else if (streams && session.mayBeSeenLate()) applyLateLook(headers, session.pages);
    },
  };
}

function jarCookie({ name, value, settings, end }: SentCookie): JarCookie {
  const { path, domain, httpOnly, secure, sameSite, partitioned } = settings;
  return {
    name,
    value,
    options: {
      path,
      ...(domain !== undefined && { domain }),
      httpOnly,
      secure,
      sameSite,
      ...(partitioned && { partitioned }),
      ...(end && { maxAge: end.maxAge, expires: new Date(end.expires) }),
    },
  };
}

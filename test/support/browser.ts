import type { AnySessions, Conn } from "../../src/core/types.ts";
import { CookieJar } from "./cookie-jar.ts";
import { Visit, visit } from "./visit.ts";
import type { Answer, VisitOptions } from "./visit.ts";

/** Somebody with a cookie jar, who makes requests to an application. */
export class Browser {
  readonly sessions: AnySessions;
  readonly jar: CookieJar;

  constructor(sessions: AnySessions, now: () => number) {
    this.sessions = sessions;
    this.jar = new CookieJar(now);
  }

  /** One request with the jar's cookies, whose answer goes into the jar. */
  async visit<T>(
    handler: (conn: Conn) => T,
    options?: VisitOptions,
  ): Promise<Answer & { readonly result: Awaited<T> }> {
    const answer = await visit(this.sessions, this.jar.header, handler, options);
    this.jar.take(answer.headers.getSetCookie());
    return answer;
  }

  /** Begins a request with the cookies as they are now; {@link receive} ends it. */
  begin(options?: VisitOptions): Promise<Visit> {
    return Visit.begin(this.sessions, this.jar.header, options);
  }

  /** Ends a request: the commit, and its answer into the jar. */
  async receive(request: Visit): Promise<Answer> {
    const answer = await request.finish();
    this.jar.take(answer.headers.getSetCookie());
    return answer;
  }
}

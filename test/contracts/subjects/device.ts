import { hostSessionsOf } from "../../../src/core/sessions.ts";
import { RequestState } from "../../../src/core/request/attach.ts";
import type { RequestSession } from "../../../src/core/request/session.ts";
import type { Sessions, Subject } from "../../../src/core/types.ts";
import { loneRequest } from "../../support/lone-request.ts";
import type { Data } from "./world.ts";

/** Somebody's device without all that a test's browser costs, for tests that have many thousands. */
export class Device {
  readonly sessions: Sessions<Data>;
  /** The session's public name; empty before there was one. */
  handle = "";
  #cookie: string | undefined;

  constructor(sessions: Sessions<Data>) {
    this.sessions = sessions;
  }

  /** The same device, whose requests go to another process. */
  at(sessions: Sessions<Data>): Device {
    const other = new Device(sessions);
    other.#cookie = this.#cookie;
    other.handle = this.handle;
    return other;
  }

  logIn(user: Subject): Promise<boolean> {
    return this.request((session) => session.renew().put("user", user));
  }

  logOut(): Promise<boolean> {
    return this.request((session) => session.drop());
  }

  /** Gives whether the answer has a cookie. */
  async request(handle: (session: RequestSession) => unknown): Promise<boolean> {
    const host = loneRequest(this.#cookie);
    const { session } = hostSessionsOf(this.sessions).begin(host, new RequestState());
    await session.fetch();
    handle(session.exposed);
    const outcome = await session.commit();
    if (outcome?.setCookie !== undefined) this.#cookie = outcome.setCookie.split(";", 1)[0];
    this.handle = session.exposed.handle ?? this.handle;
    return outcome?.setCookie !== undefined;
  }
}

import { usageError } from "../errors.ts";
import { DEFAULT_COOKIE, checkCookieSettings } from "../cookie/set-cookie.ts";
import type { Lifespans } from "../lifespans.ts";
import type { OwnLifetime } from "../store.ts";
import type { CookieSettings } from "../types.ts";

const VERBS = ["renew", "drop", "ignore"] as const;
type Verb = (typeof VERBS)[number];

const LIFETIME = "lifetime";

/** The configuration of one request: the attributes of this session's cookie, its lifetime, and the verbs. */
export class Configuration {
  readonly #key: string;
  /** The attributes that hold before this request: those of the options, and those configured for the session. */
  readonly #before: CookieSettings;
  /** The attributes with which the cookie was last sent. */
  readonly #sent: CookieSettings;
  readonly #verbs: Record<Verb, boolean> = { renew: false, drop: false, ignore: false };
  readonly #lifespans: Pick<Lifespans, "readOwn">;
  #cookie: Partial<CookieSettings> = {};
  #lifetime: OwnLifetime | undefined;

  constructor(
    key: string,
    before: CookieSettings,
    lifespans: Pick<Lifespans, "readOwn">,
    sent: CookieSettings = before,
  ) {
    this.#key = key;
    this.#lifespans = lifespans;
    this.#before = before;
    this.#sent = sent;
  }

  /** @throws ERR_SESSION_USE if the setting does not exist, or browsers would drop the cookie */
  set(name: string, value: unknown): void {
    if (isVerb(name)) {
      if (typeof value !== "boolean") throw usageError(`configure("${name}") takes true or false`);
      this.#verbs[name] = value;
      return;
    }
    if (name === LIFETIME) {
      this.#lifetime = this.#lifespans.readOwn(value);
      return;
    }
    if (!Object.hasOwn(DEFAULT_COOKIE, name)) {
      const settings = [...Object.keys(DEFAULT_COOKIE), LIFETIME, ...VERBS].join(", ");
      throw usageError(`configure does not know "${name}"; it takes ${settings}`);
    }
    const cookie: Partial<CookieSettings> = { ...this.#cookie, [name]: value };
    checkCookieSettings(this.#key, { ...this.#before, ...cookie }, usageError);
    this.#cookie = cookie;
  }

  get cookie(): Partial<CookieSettings> {
    return this.#cookie;
  }

  /** The lifetime that this request gives to its session; `undefined` if it keeps the one that it has. */
  get lifetime(): OwnLifetime | undefined {
    return this.#lifetime;
  }

  /** Whether the attributes differ from those that were last sent. */
  get reconfigured(): boolean {
    const names = Object.keys(this.#cookie) as (keyof CookieSettings)[];
    return names.some((name) => this.#cookie[name] !== this.#sent[name]);
  }

  get renew(): boolean {
    return this.#verbs.renew;
  }

  get drop(): boolean {
    return this.#verbs.drop;
  }

  get ignore(): boolean {
    return this.#verbs.ignore;
  }
}

function isVerb(name: string): name is Verb {
  return (VERBS as readonly string[]).includes(name);
}

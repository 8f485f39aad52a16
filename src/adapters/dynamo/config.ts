import { configError, refuseUnknownOptions } from "../../core/errors.ts";
import type { SessionStore } from "../../core/store.ts";
import type { SessionOptions } from "../../core/options/session-options.ts";
import { cookieStore } from "../../stores/cookie/cookie-store.ts";
import type { CookieStoreOptions } from "../../stores/cookie/cookie-store.ts";
import { tableStore } from "../../stores/table/table-store.ts";
import type { TableStoreOptions } from "../../stores/table/table-store.ts";

/** The stores by their names in Dynamo. There a module is an atom; here it is a string. */
export const Session: {
  /** Keeps the whole session in its sealed cookie. It needs a `secret`. */
  readonly CookieStore: "CookieStore";
  /**
   * Keeps the session in a row of a table, to which the cookie is the key. It needs the `table`, or the name of one.
   */
  readonly ETSStore: "ETSStore";
} = Object.freeze({ CookieStore: "CookieStore", ETSStore: "ETSStore" });

/** The options that `sessionOptions` takes beside the store's own: all of `createSessions`. */
export type ConfiguredOptions<Data extends object> = Omit<SessionOptions<Data>, "store">;

/** The guide's two lines: a session store and its options. */
export type Config<Data extends object> =
  | {
      readonly sessionStore: typeof Session.CookieStore;
      readonly sessionOptions: CookieStoreOptions & ConfiguredOptions<Data>;
    }
  | {
      readonly sessionStore: typeof Session.ETSStore;
      readonly sessionOptions: TableStoreOptions & ConfiguredOptions<Data>;
    }
  | {
      /** A store of another kind, ready made. */
      readonly sessionStore: SessionStore;
      readonly sessionOptions: ConfiguredOptions<Data>;
    };

/** Gives the options of `createSessions`. @throws ERR_SESSION_CONFIG if the store cannot work or is none */
export function readConfig<Data extends object>(config: Config<Data>): SessionOptions<Data> {
  checkConfig(config);
  switch (config.sessionStore) {
    case Session.CookieStore: {
      const [ofStore, options] = parted<CookieStoreOptions, ConfiguredOptions<Data>>(
        config.sessionOptions,
        OF_COOKIE_STORE,
      );
      return { ...options, store: cookieStore(ofStore) };
    }
    case Session.ETSStore: {
      const [ofStore, options] = parted<TableStoreOptions, ConfiguredOptions<Data>>(
        config.sessionOptions,
        OF_TABLE_STORE,
      );
      return { ...options, store: tableStore(ofStore) };
    }
    default:
      return { ...config.sessionOptions, store: config.sessionStore };
  }
}

const OF_COOKIE_STORE = Object.keys({
  secret: 0,
  revocations: 0,
  staleness: 0,
} satisfies Record<keyof CookieStoreOptions, unknown>);

const OF_TABLE_STORE = Object.keys({
  table: 0,
  secret: 0,
  seal: 0,
  unsealedUntil: 0,
  timeout: 0,
} satisfies Record<keyof TableStoreOptions, unknown>);

/** Parts the options of a store from the others. An option that is not named stays so: it may be one that must be set. */
function parted<Store extends object, Others extends object>(
  options: Store & Others,
  names: readonly string[],
): readonly [Store, Others] {
  const entries = Object.entries(options);
  const ofStore = entries.filter(([name]) => names.includes(name));
  const others = entries.filter(([name]) => !names.includes(name));
  return [Object.fromEntries(ofStore) as Store, Object.fromEntries(others) as Others];
}

function checkConfig(config: unknown): void {
  if (typeof config !== "object" || config === null) {
    throw configError("createDynamo takes { sessionStore, sessionOptions }");
  }
  const { sessionStore, sessionOptions, ...others } = config as Readonly<Record<string, unknown>>;
  const { table } = Object(sessionOptions) as Partial<TableStoreOptions>;
  if ([config, sessionStore, table].some(isDynamodbClient)) {
    throw configError(
      "sojourn/dynamo is the web framework Dynamo of the guide. For Amazon DynamoDB use sojourn/dynamodb: " +
        "createSessions({ store: tableStore({ table: dynamodbTable(client) }), ... })",
    );
  }
  refuseUnknownOptions("createDynamo", others, ["sessionStore", "sessionOptions"]);
  if (typeof sessionStore === "string" && !Object.hasOwn(Session, sessionStore)) {
    throw configError(`sessionStore must be Session.CookieStore, Session.ETSStore or a store`);
  }
  if (sessionStore === undefined || sessionStore === null) {
    throw configError(
      "sessionStore is missing; for example sessionStore: Session.CookieStore, Session from sojourn/dynamo",
    );
  }
  if (typeof sessionOptions !== "object" || sessionOptions === null) {
    throw configError(
      'sessionOptions is missing; it takes at least the cookie\'s name: { key: "__Host-session" }',
    );
  }
}

/** Whether it is a client of the AWS SDK, 3 or 2, that somebody has taken for a part of this configuration. */
function isDynamodbClient(value: unknown): boolean {
  const { send, config, getItem } = Object(value) as Readonly<Record<string, unknown>>;
  const isSdk3 = typeof send === "function" && typeof config === "object";
  return isSdk3 || typeof getItem === "function";
}

import { configError } from "../../core/errors.ts";
import type { SessionError } from "../../core/errors.ts";

type Shape = Readonly<Record<string, unknown>>;

const isFunction = (value: unknown): boolean => typeof value === "function";

/** What people pass instead of a client, by what it has; and what to pass instead. */
const OTHERS: readonly (readonly [name: string, has: (client: Shape) => boolean, pass: string])[] =
  [
    ["a Drizzle database", ({ $client }) => $client !== undefined, "postgresTable(db.$client)"],
    [
      "a PrismaClient",
      ({ $queryRawUnsafe }) => isFunction($queryRawUnsafe),
      "the pool that its adapter has: new PrismaPg(pool), postgresTable(pool)",
    ],
    [
      "a Kysely",
      ({ executeQuery, selectFrom }) => isFunction(executeQuery) && isFunction(selectFrom),
      "the pool that its dialect has: new PostgresDialect({ pool }), postgresTable(pool)",
    ],
    [
      "a DataSource of TypeORM",
      ({ createQueryRunner }) => isFunction(createQueryRunner),
      "postgresTable({ query: async ({ text, values }) => ({ rows: await dataSource.query(text, values) }) })",
    ],
    [
      "a Sequelize",
      ({ authenticate }) => authenticate !== undefined,
      'a client whose query calls sequelize.query, as the page "From your ORM" shows it',
    ],
    [
      "a Knex",
      ({ raw, schema }) => isFunction(raw) && schema !== undefined,
      'a client whose query takes a connection of knex, as the page "From your ORM" shows it',
    ],
    [
      "a MikroORM",
      ({ em, getConnection, persist }) =>
        em !== undefined || (isFunction(getConnection) && isFunction(persist)),
      "postgresTable(await orm.em.getConnection().getNativeClient())",
    ],
    ["a pool of mysql2", ({ execute }) => isFunction(execute), "mysqlTable(pool)"],
    ["a promise", ({ then }) => isFunction(then), "what it gives: await it"],
  ];

/** @throws ERR_SESSION_CONFIG for what has another shape than its name `query` says, and names what to pass */
export function refuseOthers(client: unknown): void {
  if (client === undefined || client === null) return;
  const shape = client as Shape;
  const [name, , pass] = OTHERS.find(([, has]) => has(shape)) ?? [];
  if (name !== undefined) {
    throw configError(`postgresTable does not take ${name}. Pass ${pass}`);
  }
}

/** The error for anything else that is no client. */
export function noClient(): SessionError {
  return configError(
    "postgresTable takes a pool of pg, what postgres() of postgres.js gives, or a PGlite; for example " +
      "postgresTable(new Pool()). Of an ORM, pass the pool below it; of Neon's driver, its Pool",
  );
}

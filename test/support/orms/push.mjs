// The schema push or sync of each ORM, for an application with one table of its own, as docs/stores/orm.md tells.
import { createRequire } from "node:module";
import { load } from "../../tools/load.mjs";
import { pushPrisma } from "./prisma.mjs";

/** @type {(name: string) => any} */
const need = createRequire(new URL("../../tools/load.mjs", import.meta.url));

/** @param {string} name */
async function get(name) {
  return /** @type {any} */ (await load(name));
}

/**
 * What the application tells its ORM about the table of sessions.
 * @typedef {"its model" | "to leave it alone" | "nothing"} Told
 */

/** @typedef {(url: string, told: Told) => Promise<void>} Push */

/** @type {Push} */
async function pushDrizzle(url, told) {
  const { pushSchema } = need("drizzle-kit/api");
  const { bigint, index, integer, pgTable, text } = need("drizzle-orm/pg-core");
  const { drizzle } = need("drizzle-orm/node-postgres");
  const { sql } = need("drizzle-orm");
  const users = pgTable("users", { id: integer("id").primaryKey() });
  const sessions = pgTable(
    "sojourn_sessions",
    {
      handle: text("handle").primaryKey(),
      value: text("value").notNull(),
      version: bigint("version", { mode: "number" }).notNull(),
      expiresAt: bigint("expires_at", { mode: "number" }).notNull(),
      expiresHour: bigint("expires_hour", { mode: "number" }).generatedAlwaysAs(
        sql`expires_at / 3600000`,
      ),
    },
    (/** @type {any} */ table) => [index("sojourn_sessions_expires_hour").on(table.expiresHour)],
  );
  const db = drizzle(url);
  const tables = told === "its model" ? { users, sessions } : { users };
  // Drizzle would ask whether a table that goes has become one that comes.
  if (told === "nothing") await db.execute("CREATE TABLE users (id integer PRIMARY KEY)");
  const filter = told === "to leave it alone" ? ["!sojourn_sessions"] : undefined;
  const { apply } = await pushSchema(tables, db, ["public"], filter);
  await apply();
  await db.$client.end();
}

/** @type {Push} */
async function syncTypeOrm(url) {
  const { DataSource, EntitySchema } = await get("typeorm");
  const user = new EntitySchema({
    name: "User",
    tableName: "users",
    columns: { id: { type: "int", primary: true } },
  });
  const dataSource = new DataSource({ type: "postgres", url, entities: [user], synchronize: true });
  await dataSource.initialize();
  await dataSource.destroy();
}

/** @type {Push} */
async function syncSequelize(url) {
  const { DataTypes, Sequelize } = await get("sequelize");
  const sequelize = new Sequelize(url, { logging: false });
  const id = { type: DataTypes.INTEGER, primaryKey: true };
  sequelize.define("User", { id }, { tableName: "users", timestamps: false });
  await sequelize.sync({ alter: true });
  await sequelize.close();
}

const PRISMA_MODEL = `
model Session {
  handle      String  @id
  value       String
  version     BigInt
  expiresAt   BigInt  @map("expires_at")
  expiresHour BigInt? @default(dbgenerated()) @map("expires_hour")

  @@index([expiresHour], map: "sojourn_sessions_expires_hour")
  @@map("sojourn_sessions")
}
`;

/** @type {Push} */
async function pushWithPrisma(url, told) {
  const model = told === "its model" ? PRISMA_MODEL : "";
  const external = told === "to leave it alone" ? ["public.sojourn_sessions"] : [];
  await pushPrisma(url, `model users {\n  id Int @id\n}\n${model}`, external);
}

/** @type {Push} */
async function updateMikroOrm(url, told) {
  const { MikroORM, defineEntity, p } = await get("@mikro-orm/postgresql");
  const properties = { id: p.integer().primary() };
  const user = defineEntity({ name: "User", tableName: "users", properties });
  const skipTables = told === "to leave it alone" ? ["sojourn_sessions"] : [];
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [user],
    schemaGenerator: { skipTables },
  });
  await orm.schema.update();
  await orm.close();
}

/**
 * What each ORM may be told so that the table stays, and whether it would remove a table of which it is told nothing.
 * @typedef {object} PushCase
 * @property {string} name
 * @property {Push} push
 * @property {readonly Told[]} keeps
 * @property {boolean} removes
 * @property {boolean} [onNewerNode]
 */

/** @type {readonly PushCase[]} */
export const PUSHES = [
  {
    name: "Drizzle",
    push: pushDrizzle,
    keeps: ["its model", "to leave it alone"],
    removes: true,
  },
  { name: "TypeORM", push: syncTypeOrm, keeps: ["nothing"], removes: false },
  { name: "Sequelize", push: syncSequelize, keeps: ["nothing"], removes: false },
  {
    name: "Prisma",
    push: pushWithPrisma,
    keeps: ["its model", "to leave it alone"],
    removes: true,
  },
  {
    name: "MikroORM",
    push: updateMikroOrm,
    keeps: ["to leave it alone"],
    removes: true,
    onNewerNode: true,
  },
];

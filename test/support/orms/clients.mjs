// PostgreSQL by each ORM, as docs/stores/orm.md tells to make the client.
import process from "node:process";
import { load } from "../../tools/load.mjs";
import { openPrisma } from "./prisma.mjs";

/**
 * @typedef {object} OpenOrm
 * @property {any} orm what people take for a client at first
 * @property {import("../../../src/tables/postgres.ts").PgClient} client
 * @property {(text: string) => Promise<unknown>} run one statement through the ORM itself
 * @property {() => Promise<unknown>} close
 */

/** @typedef {(url: string) => Promise<OpenOrm>} Open */

/** @param {string} name */
async function get(name) {
  return /** @type {any} */ (await load(name));
}

/** @param {string} connectionString */
async function openPool(connectionString) {
  const { Pool } = (await get("pg")).default;
  const pool = new Pool({ connectionString });
  pool.on("error", () => {});
  return pool;
}

/** @type {Readonly<Record<string, Open>>} */
const EVERYWHERE = {
  async Drizzle(url) {
    const { drizzle } = await get("drizzle-orm/node-postgres");
    const db = drizzle(url);
    return {
      orm: db,
      client: db.$client,
      run: (text) => db.execute(text),
      close: () => db.$client.end(),
    };
  },
  async Knex(url) {
    const { default: knex } = await get("knex");
    const db = knex({ client: "pg", connection: url });
    return {
      orm: db,
      client: {
        async query(statement) {
          const connection = await db.client.acquireConnection();
          try {
            return await connection.query(statement);
          } finally {
            await db.client.releaseConnection(connection);
          }
        },
      },
      run: (text) => db.raw(text),
      close: () => db.destroy(),
    };
  },
  async TypeORM(url) {
    const { DataSource } = await get("typeorm");
    const dataSource = await new DataSource({ type: "postgres", url }).initialize();
    return {
      orm: dataSource,
      client: {
        query: async ({ text, values }) => ({ rows: await dataSource.query(text, values) }),
      },
      run: (text) => dataSource.query(text),
      close: () => dataSource.destroy(),
    };
  },
  async Sequelize(url) {
    const { Sequelize } = await get("sequelize");
    const sequelize = new Sequelize(url, { logging: false });
    return {
      orm: sequelize,
      client: {
        async query({ text, values }) {
          const sql = text.replaceAll("$$", () => "$$$$");
          const [rows] = await sequelize.query(sql, { bind: values });
          return { rows };
        },
      },
      run: (text) => sequelize.query(text),
      close: () => sequelize.close(),
    };
  },
  async Prisma(url) {
    const pool = await openPool(url);
    const prisma = await openPrisma(pool);
    return {
      orm: prisma,
      client: pool,
      run: (text) => prisma.$queryRawUnsafe(text),
      close: async () => {
        await prisma.$disconnect();
        await pool.end();
      },
    };
  },
};

/** @type {Readonly<Record<string, Open>>} */
const ON_NEWER_NODE = {
  async Kysely(url) {
    const { CompiledQuery, Kysely, PostgresDialect } = await get("kysely");
    const pool = await openPool(url);
    const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    return {
      orm: db,
      client: pool,
      run: (text) => db.executeQuery(CompiledQuery.raw(text)),
      close: () => db.destroy(),
    };
  },
  async MikroORM(url) {
    const { MikroORM, defineEntity, p } = await get("@mikro-orm/postgresql");
    const entity = defineEntity({ name: "Any", properties: { id: p.integer().primary() } });
    const orm = await MikroORM.init({ clientUrl: url, entities: [entity] });
    return {
      orm,
      client: await orm.em.getConnection().getNativeClient(),
      run: (text) => orm.em.getConnection().execute(text),
      close: () => orm.close(),
    };
  },
};

const isNewer = Number(process.versions.node.split(".")[0]) >= 22;

/** Those that this version of Node can load. @type {readonly (readonly [name: string, open: Open])[]} */
export const ORMS = Object.entries(isNewer ? { ...EVERYWHERE, ...ON_NEWER_NODE } : EVERYWHERE);

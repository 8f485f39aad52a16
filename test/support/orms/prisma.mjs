// A client of Prisma, generated as an application does it, but without the engine that its installation downloads.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { load } from "../../tools/load.mjs";

const packages = fileURLToPath(new URL("../../tools/node_modules/", import.meta.url));
/** It goes with the packages, and is made once for them. */
const folder = join(packages, ".prisma-of-tests");

const SCHEMA = `generator client {
  provider = "prisma-client-js"
  output   = "./client"
}
datasource db {
  provider = "postgresql"
}
model Any {
  id Int @id
}
`;

function generate() {
  const making = `${folder}-${process.pid}`;
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, "schema.prisma"), SCHEMA);
  writeFileSync(join(making, "prisma.config.mjs"), 'export default { schema: "schema.prisma" };');
  const program = join(packages, "prisma/build/index.js");
  execFileSync(process.execPath, [program, "generate", "--config", "prisma.config.mjs"], {
    cwd: making,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  renameSync(making, folder);
}

/** @param {unknown} pool */
export async function openPrisma(pool) {
  if (!existsSync(folder)) generate();
  const { PrismaPg } = /** @type {any} */ (await load("@prisma/adapter-pg"));
  const { default: client } = /** @type {any} */ (await load(join(folder, "client/index.js")));
  return new client.PrismaClient({ adapter: new PrismaPg(pool) });
}

/**
 * Pushes a schema, as `prisma db push` does: by the same engine, which npm has as WebAssembly.
 * @param {string} url
 * @param {string} models
 * @param {readonly string[]} externalTables what prisma.config.ts has as `tables.external`
 */
export async function pushPrisma(url, models, externalTables) {
  engine ??= loadEngine();
  const { SchemaEngine } = await engine;
  const { Pool } = /** @type {any} */ (await load("pg")).default;
  const pool = new Pool({ connectionString: url });
  const content = `datasource db {\n  provider = "postgresql"\n}\n${models}`;
  const path = "schema.prisma";
  const pushing = await SchemaEngine.new(
    { datamodels: [[path, content]] },
    () => {},
    await migrationAdapter(pool),
  );
  const filters = { externalTables, externalEnums: [] };
  await pushing.schemaPush({ force: true, schema: { files: [{ path, content }] }, filters });
  await pool.end();
}

/** One process has one. @type {Promise<any> | undefined} */
let engine;

async function loadEngine() {
  const at = join(packages, "@prisma/schema-engine-wasm/schema_engine_bg");
  const bindings = /** @type {any} */ (await load(`${at}.js`));
  const imports = { "./schema_engine_bg.js": bindings };
  const { WebAssembly } = /** @type {any} */ (globalThis);
  const { instance } = await WebAssembly.instantiate(readFileSync(`${at}.wasm`), imports);
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** PostgreSQL's type "char", which the system tables have, and a type that no answer of theirs has. */
const CHAR = 18;
const UUID = 2950;

/**
 * The adapter, which does not know the type "char" that the engine asks for: it is given another one on its way.
 * @param {any} pool
 */
async function migrationAdapter(pool) {
  const { PrismaPg } = /** @type {any} */ (await load("@prisma/adapter-pg"));
  const { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } = /** @type {any} */ (
    await load("@prisma/driver-adapter-utils")
  );
  const query = pool.query.bind(pool);
  pool.query = async (/** @type {unknown} */ statement) => {
    const result = await query(statement);
    for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = UUID;
    return result;
  };
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (/** @type {unknown} */ statement) => {
      const { columnTypes, ...rest } = await queryRaw(statement);
      const types = columnTypes.map((/** @type {number} */ type) =>
        type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type,
      );
      return { ...rest, columnTypes: types };
    };
    return adapter;
  };
  return bindMigrationAwareSqlAdapterFactory(factory);
}

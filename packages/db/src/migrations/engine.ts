/** Prisma's schema engine as WebAssembly. It applies and drafts migrations without the native engine, which needs a download. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { readSchema } from './folder.ts';

/** Filters of the engine: no table or enum is managed externally. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Runs `work` with a schema engine connected to the database at `url`, and closes its connections.
 * Throws an Error with the message of the engine or the database if a step fails.
 */
export async function withSchemaEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await loadBindings();
  const charColumns: CharColumns = new WeakMap();
  const pool = openCatalogPool(url, charColumns);
  const factory = bindMigrationAwareSqlAdapterFactory(openAdapter(pool, charColumns));
  const schema = await readSchema();
  const datamodels = schema.files.map(({ path, content }): [string, string] => [path, content]);
  try {
    const engine = await bindings.SchemaEngine.new({ datamodels }, () => undefined, factory);
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } catch (error) {
    throw new Error(`Schema engine: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await pool.end();
  }
}

/**
 * The adapter with two fixes. It sends a script whole: split at semicolons, function bodies break and a failure leaves half a
 * migration. And it reads the catalog's `"char"` columns, which the adapter refuses, as characters.
 */
function openAdapter(pool: pg.Pool, charColumns: CharColumns): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    return Object.assign(adapter, {
      executeScript: (script: string) => withClient(pool, async (client) => void (await client.query(script))),
      queryRaw: async (query: SqlQuery) => {
        const result = await queryRaw(query);
        for (const column of charColumns.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
        return result;
      },
    });
  };
  const { provider, adapterName } = factory;
  return { provider, adapterName, connect, connectToShadowDb: () => factory.connectToShadowDb() };
}

/** Which columns of a result were `"char"`, by its rows. */
type CharColumns = WeakMap<unknown[][], number[]>;

const CHAR = 18;
const TEXT = 25;

/** A pool that reports `"char"` columns as text, which the adapter accepts, and records which they were. */
function openCatalogPool(url: string, charColumns: CharColumns): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 });
  const query = async (config: pg.QueryArrayConfig<unknown[]>): Promise<pg.QueryArrayResult<unknown[][]>> => {
    const result = await withClient(pool, (client) => client.query<unknown[][]>(config));
    const found = result.fields.flatMap((field, column) => (field.dataTypeID === CHAR ? [column] : []));
    for (const column of found) result.fields[column]!.dataTypeID = TEXT;
    charColumns.set(result.rows, found);
    return result;
  };
  return Object.assign(pool, { query });
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

/** The part of WebAssembly that is used here: its types belong to the DOM library, which this project does not include. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loaded: Promise<void> | undefined;

/** Node 20 cannot import `.wasm` files, so the module is instantiated here. */
function loadBindings(): Promise<void> {
  loaded ??= (async () => {
    const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = await readFile(glue.replace(/\.js$/, '.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
    bindings.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  })();
  return loaded;
}

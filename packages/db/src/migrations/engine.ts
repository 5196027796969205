/** Prisma's schema engine as WebAssembly: it applies and drafts migrations where the native engine cannot be downloaded. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { readSchema } from './folder.ts';

/** What the engine's filters name when nothing is managed from elsewhere. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Run `work` with a schema engine connected to the database at `url`, and close its connections.
 * Throws an Error with the engine's own words, and the database's, when the engine refuses.
 */
export async function withSchemaEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await loadBindings();
  const pool = openCatalogPool(url);
  const factory = bindMigrationAwareSqlAdapterFactory(openAdapter(pool));
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

/** The adapter, except that a script goes to the server whole: cut at its semicolons, functions fall apart and a failure leaves half a migration. */
function openAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const adapter = new PrismaPg(pool);
  const executeScript = async (script: string): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query(script);
    } finally {
      client.release();
    }
  };
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: async () => Object.assign(await adapter.connect(), { executeScript }),
    connectToShadowDb: () => adapter.connectToShadowDb(),
  };
}

/** OIDs of the catalog's one-byte type `"char"`, which the adapter refuses, and of `text`, which reads the same. */
const CHAR = 18;
const TEXT = 25;

/** A pool whose answers call the catalog's `"char"` columns text, so that the engine can describe a database. */
function openCatalogPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 });
  const query = async (config: pg.QueryArrayConfig<unknown[]>): Promise<pg.QueryArrayResult> => {
    const client = await pool.connect();
    try {
      const result = await client.query(config);
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
      return result;
    } finally {
      client.release();
    }
  };
  return Object.assign(pool, { query });
}

/** What is used of WebAssembly: its types belong to the DOM's, which this project leaves out. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loaded: Promise<void> | undefined;

/** Node 20 imports no `.wasm`, so the module is instantiated here. */
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

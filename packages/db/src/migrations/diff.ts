import { NO_FILTERS, withSchemaEngine } from './engine.ts';
import { readSchema } from './folder.ts';

/** The SQL that changes the tables of the database at `url` to match `schema.prisma`; empty if they match. Views are not compared. */
export async function schemaDifference(url: string): Promise<string> {
  const schema = await readSchema();
  const { stdout } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', ...schema, configDir: '' },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    }),
  );
  const sql = (stdout ?? '').trim();
  return sql === '-- This is an empty migration.' ? '' : sql;
}

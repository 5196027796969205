/** SQL over HTTP: the statement, the answer, and queries that are saved under a name. No transforms: these schemas are also the OpenAPI document. */
import { z } from 'zod';

const statement = z.string().min(1).max(100_000);
const QueryName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,63}$/,
    'must be a name of lower-case letters, digits or "-", with at most 64 characters',
  );

export const SqlRequest = z
  .strictObject({
    sql: statement.optional().describe('One SELECT over the views of docs/sql.md; a parameter is written as :name'),
    query: QueryName.optional().describe('Name of a saved query, instead of sql'),
    parameters: z
      .record(z.string().max(64), z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]))
      .default({})
      .describe('A value for each :name of the statement'),
    rows: z.int().min(1).max(10_000).default(10_000).describe('Maximum number of rows'),
  })
  .refine(({ sql, query }) => (sql === undefined) !== (query === undefined), {
    path: ['sql'],
    error: 'give either sql or query',
  });
export type SqlRequest = z.infer<typeof SqlRequest>;

export const SqlAnswer = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), type: z.string().describe('Type in PostgreSQL') })),
  rows: z
    .array(z.array(z.unknown()))
    .describe('Values in the order of the columns; numbers that JSON cannot hold exactly are text'),
  truncated: z
    .enum(['rows', 'bytes'])
    .nullable()
    .describe('The limit that cut the rows off; null if they are all there'),
  limits: z.strictObject({ rows: z.int(), bytes: z.int(), seconds: z.number() }),
  seconds: z.number(),
});
export type SqlAnswer = z.infer<typeof SqlAnswer>;

export const NewQuery = z.strictObject({
  name: QueryName,
  title: z.string().trim().min(1).max(200),
  description: z.string().max(2000).default(''),
  sql: statement,
});
export type NewQuery = z.infer<typeof NewQuery>;

export const QueryView = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  parameters: z.array(z.string()).describe('The names of :name in the statement'),
  sql: z.string(),
  builtIn: z.boolean().describe('Whether it is a file of studies/queries, which cannot be deleted'),
});
export type QueryView = z.infer<typeof QueryView>;

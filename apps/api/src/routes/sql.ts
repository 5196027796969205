import { NewQuery, page, QueryView, SqlAnswer, SqlRequest } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { type Answer, runStatement, SqlError, toCsv, toJsonRows, toParquet, typeName } from '@ablate/sql';
import { LIMITS } from '@ablate/sql/limits';
import { deleteQuery, findQuery, listQueries, saveQuery } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { clientLeft } from '../client-left.ts';
import { problems } from './replies.ts';

const tags = ['sql'];
const Name = z.strictObject({ name: z.string().max(64) });

/** Statements that run at once: the read-only role has a few connections more, for `ablate sql` and psql. */
const MAX_STATEMENTS = 4;

const PARQUET = 'application/vnd.apache.parquet';
const Text = z.unknown().meta({ type: 'string' });
const Bytes = z.unknown().meta({ type: 'string', format: 'binary' });

/** The first of these types that the client accepts; JSON if it accepts none of the others. */
const formatOf = (accept: string | undefined): 'csv' | 'parquet' | 'json' => {
  const wanted = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim());
  const known = wanted.find((type) => type === 'text/csv' || type === PARQUET || type === 'application/json');
  return known === 'text/csv' ? 'csv' : known === PARQUET ? 'parquet' : 'json';
};

export const sqlRoutes =
  ({ db, readerUrl }: { db: Database; readerUrl: string | undefined }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    let running = 0;

    async function run(sql: string, request: SqlRequest, signal: AbortSignal): Promise<Answer> {
      if (readerUrl === undefined)
        throw new SqlError('unavailable', 'no database is configured for SQL: set ABLATE_READER_URL for the API');
      if (running >= MAX_STATEMENTS)
        throw new SqlError('busy', `${MAX_STATEMENTS} statements run already: try again in a few seconds`);
      running++;
      try {
        const limits = { ...LIMITS, rows: request.rows };
        return await runStatement(readerUrl, sql, { parameters: request.parameters, limits, signal });
      } finally {
        running--;
      }
    }

    app.post('/sql', {
      schema: {
        tags,
        summary: 'Run one SELECT over the views, within limits; as JSON, CSV or Parquet by the Accept header',
        body: SqlRequest,
        response: {
          200: {
            description: 'The rows. CSV and Parquet say in the header Ablate-Truncated which limit cut them off',
            content: {
              'application/json': { schema: SqlAnswer },
              'text/csv': { schema: Text },
              [PARQUET]: { schema: Bytes },
            },
          },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const { body } = request;
        const signal = clientLeft(reply);
        const sql = body.sql ?? (await findQuery(context(request), body.query ?? '')).sql;
        const answer = await run(sql, body, signal);
        reply.header('cache-control', 'no-store').header('vary', 'accept');
        if (answer.truncated !== null) reply.header('ablate-truncated', answer.truncated);
        const format = formatOf(request.headers.accept);
        if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(toCsv(answer));
        if (format === 'parquet') return reply.type(PARQUET).send(Buffer.from(toParquet(answer)));
        return reply.type('application/json').send({
          columns: answer.columns.map(({ name, type }) => ({ name, type: typeName(type) })),
          rows: toJsonRows(answer),
          truncated: answer.truncated,
          limits: { ...LIMITS, rows: body.rows },
          seconds: answer.seconds,
        });
      },
    });

    app.get('/queries', {
      schema: { tags, summary: 'List the saved queries', response: { 200: page(QueryView), ...problems } },
      handler: async (request) => ({ items: await listQueries(context(request)), nextCursor: null }),
    });

    app.post('/queries', {
      schema: {
        tags,
        summary: 'Save a query, or replace the one saved under this name',
        body: NewQuery,
        response: { 200: QueryView, ...problems },
      },
      handler: async (request) => saveQuery(context(request), request.body),
    });

    app.delete('/queries/:name', {
      schema: { tags, summary: 'Delete a saved query', params: Name, response: { 204: z.null(), ...problems } },
      handler: async (request, reply) => {
        await deleteQuery(context(request), request.params.name);
        return reply.code(204).send(null);
      },
    });
  };

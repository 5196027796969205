import { type CheckpointStore, checkpointKey, collectGarbage } from '@ablate/checkpoints';
import { CheckpointView, GarbageReport } from '@ablate/contracts';
import type { Database, Retention } from '@ablate/db';
import { findCheckpoint, pinCheckpoint } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { ApiError } from '../errors.ts';
import { Id, problems } from './replies.ts';

const tags = ['checkpoints'];
const Bytes = z.unknown().meta({ type: 'string', format: 'binary' });
const HOUR = 3600;

const kept = z.coerce.number().int().min(0).max(1000).optional();
const GarbageQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('Return the report without deleting'),
  best: kept.describe('`best` checkpoints to keep per finished run'),
  last: kept.describe('`last` checkpoints to keep per finished run'),
  graceSeconds: z.coerce
    .number()
    .min(0)
    .max(1e9)
    .default(24 * HOUR)
    .describe('Keep files without a row that are younger than this'),
});

export const checkpointRoutes =
  ({ db, store, keep }: { db: Database; store: CheckpointStore; keep: Retention }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/checkpoints/:id', {
      // A HEAD would read the whole file for nothing; the list of checkpoints has size and hash.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Download a checkpoint as safetensors; the ETag is its SHA-256',
        params: Id,
        response: {
          200: {
            description: 'Weights and optimizer state',
            content: { 'application/octet-stream': { schema: Bytes } },
          },
          304: z.null().describe('The file matches If-None-Match'),
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const checkpoint = await findCheckpoint(context(request), request.params.id);
        const etag = `"${checkpoint.sha256}"`;
        reply.header('etag', etag).header('cache-control', 'no-cache');
        if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
        const found = await store.get(checkpointKey(checkpoint.runId, checkpoint.file));
        if (found?.bytes !== checkpoint.bytes) {
          found?.stream.destroy();
          throw new ApiError('gone', `the file of this checkpoint was deleted from ${store.address}`);
        }
        return reply
          .type('application/octet-stream')
          .header('content-length', checkpoint.bytes)
          .header('content-disposition', `attachment; filename="${checkpoint.runId}-${checkpoint.kind}.safetensors"`)
          .send(found.stream);
      },
    });

    app.put('/checkpoints/:id/pin', {
      schema: {
        tags,
        summary: 'Pin a checkpoint: retention does not delete it',
        params: Id,
        response: { 200: CheckpointView, ...problems },
      },
      handler: async (request) => pinCheckpoint(context(request), { id: request.params.id, pinned: true }),
    });

    app.delete('/checkpoints/:id/pin', {
      schema: {
        tags,
        summary: 'Unpin a checkpoint',
        params: Id,
        response: { 200: CheckpointView, ...problems },
      },
      handler: async (request) => pinCheckpoint(context(request), { id: request.params.id, pinned: false }),
    });

    app.post('/checkpoints/gc', {
      schema: {
        tags,
        summary: 'Delete checkpoints beyond the retention, and files without a row',
        querystring: GarbageQuery,
        response: { 200: GarbageReport, ...problems },
      },
      handler: async ({ query: { dryRun, best = keep.best, last = keep.last, graceSeconds } }) =>
        collectGarbage(db, store, { keep: { best, last }, graceSeconds, dryRun: dryRun === 'true' }),
    });
  };

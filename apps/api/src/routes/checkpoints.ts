import { type Database, findCheckpoint } from '@ablate/db';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { openCheckpointFile } from '../checkpoint-file.ts';
import { Id, problems } from './replies.ts';

const Bytes = z.unknown().meta({ type: 'string', format: 'binary' });

export const checkpointRoutes =
  ({ db, checkpoints }: { db: Database; checkpoints: string }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/checkpoints/:id', {
      // A HEAD would read the whole file to throw it away; the list of checkpoints has size and hash.
      exposeHeadRoute: false,
      schema: {
        tags: ['checkpoints'],
        summary: 'A checkpoint, as safetensors; its ETag is its SHA-256',
        params: Id,
        response: {
          200: {
            description: 'Weights and optimiser state',
            content: { 'application/octet-stream': { schema: Bytes } },
          },
          304: z.null().describe('The file is the one that If-None-Match names'),
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const checkpoint = await findCheckpoint(db, request.params.id);
        const etag = `"${checkpoint.sha256}"`;
        reply.header('etag', etag).header('cache-control', 'no-cache');
        if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
        const file = await openCheckpointFile(checkpoints, checkpoint);
        return reply
          .type('application/octet-stream')
          .header('content-length', checkpoint.bytes)
          .header('content-disposition', `attachment; filename="${checkpoint.runId}-${checkpoint.kind}.safetensors"`)
          .send(file.createReadStream());
      },
    });
  };

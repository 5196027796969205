import type { Database } from '@ablate/db';
import { runInside } from '@ablate/sweeps';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { Id, problems } from './replies.ts';

const tags = ['runs'];
const Bytes = z.unknown().meta({ type: 'string', format: 'binary' });
const unchanged = z.null().describe('The file matches If-None-Match');

/** Hashes that the client has, of its If-None-Match. */
const knownHashes = ({ headers }: FastifyRequest): string[] =>
  (headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^(W\/)?"|"$/g, ''));

/** A file that never changes, whose tag is its hash; 304 if the client has it. */
function sendFile(reply: FastifyReply, type: string, { sha256, bytes }: { sha256: string; bytes: Buffer | null }) {
  reply.header('etag', `"${sha256}"`).header('cache-control', 'private, max-age=31536000, immutable');
  return bytes === null ? reply.code(304).send(null) : reply.type(type).send(bytes);
}

export const insideRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);

    app.get('/runs/:id/inside', {
      // A HEAD would read the file for nothing.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Get what the model of a run looks at on fixed images, as safetensors; the ETag is its SHA-256',
        params: Id,
        response: {
          200: {
            description:
              'Attention of every layer and head, rollout, Grad-CAM, positions and filters in half precision',
            content: { 'application/octet-stream': { schema: Bytes } },
          },
          304: unchanged,
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const wanted = { runId: request.params.id, part: 'maps' as const, known: knownHashes(request) };
        return sendFile(reply, 'application/octet-stream', await runInside(context(request), wanted));
      },
    });

    app.get('/runs/:id/inside.png', {
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Get the images that the model of a run looks at, from left to right',
        params: Id,
        response: {
          200: { description: 'At the size of the data set', content: { 'image/png': { schema: Bytes } } },
          304: unchanged,
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const wanted = { runId: request.params.id, part: 'images' as const, known: knownHashes(request) };
        return sendFile(reply, 'image/png', await runInside(context(request), wanted));
      },
    });
  };

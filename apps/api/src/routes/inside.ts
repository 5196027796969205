import type { Database } from '@ablate/db';
import { runInside } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { contextOf } from '../caller.ts';
import { Bytes, knownHashes, sendFile, unchanged } from '../stored-file.ts';
import { Id, problems } from './replies.ts';

const tags = ['runs'];

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

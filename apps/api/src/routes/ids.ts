import { IdMatches, ShortId } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { findIds } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { problems } from './replies.ts';

const Text = z.strictObject({ text: ShortId.describe('The first or the last 4 or more characters of an id') });

export const idRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/ids/:text', {
      schema: {
        tags: ['service'],
        summary: 'Find the sweeps, configs, runs and checkpoints whose ids begin or end with a text',
        params: Text,
        response: { 200: IdMatches, ...problems },
      },
      handler: async (request) => findIds(context(request), request.params.text),
    });
  };

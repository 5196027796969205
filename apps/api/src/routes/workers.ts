import { FleetView, page, WorkerView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { fleet, listWorkers } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { contextOf } from '../caller.ts';
import { problems } from './replies.ts';

export const workerRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/workers', {
      schema: {
        tags: ['workers'],
        summary: 'List workers: first those that are alive, then the last 30 days, newest heartbeat first; at most 200',
        response: { 200: page(WorkerView), ...problems },
      },
      handler: async (request) => ({ items: await listWorkers(context(request)), nextCursor: null }),
    });

    app.get('/fleet', {
      schema: {
        tags: ['workers'],
        summary: 'Get what runs where, and what waits and why; at most 200 runs and 200 sweeps',
        response: { 200: FleetView, ...problems },
      },
      handler: async (request) => fleet(context(request)),
    });
  };

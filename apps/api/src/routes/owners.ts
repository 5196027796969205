import { OwnerChange, OwnerName, OwnerView, page } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { listOwners, setOwner } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { problems } from './replies.ts';

const tags = ['owners'];
const Name = z.strictObject({ name: OwnerName });

export const ownerRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/owners', {
      schema: {
        tags,
        summary: 'List owners, with their numbers of queued and running runs',
        response: { 200: page(OwnerView), ...problems },
      },
      handler: async (request) => ({ items: await listOwners(context(request)), nextCursor: null }),
    });

    app.put('/owners/:name', {
      schema: {
        tags,
        summary: 'Set the weight and limit of an owner; creates the owner if the name is new',
        params: Name,
        body: OwnerChange,
        response: { 200: OwnerView, ...problems },
      },
      handler: async (request) => setOwner(context(request), { ...request.params, ...request.body }),
    });
  };

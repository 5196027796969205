import { type Database, pendingMigrations } from '@ablate/db';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { problems } from './replies.ts';

const Ok = z.strictObject({ status: z.literal('ok') });
const tags = ['service'];

/** Why the service cannot do its work; empty where it can. */
async function troubles({ db, redis }: { db: Database; redis: Redis }): Promise<string[]> {
  const [pending, ping] = await Promise.allSettled([pendingMigrations(db.pool), redis.ping()]);
  return [
    ...(pending.status === 'rejected' ? [`PostgreSQL: ${pending.reason}`] : []),
    ...(pending.status === 'fulfilled' && pending.value.length > 0
      ? [`migrations to be applied: ${pending.value.join(', ')}`]
      : []),
    ...(ping.status === 'rejected' ? [`Redis: ${ping.reason}`] : []),
  ];
}

export const healthRoutes =
  (services: { db: Database; redis: Redis }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/health', {
      schema: { tags, summary: 'The process answers', response: { 200: Ok, ...problems } },
      handler: async () => ({ status: 'ok' as const }),
    });

    app.get('/ready', {
      schema: {
        tags,
        summary: 'PostgreSQL and Redis answer, and the migrations are applied',
        response: { 200: Ok, ...problems },
      },
      handler: async () => {
        const found = await troubles(services);
        if (found.length > 0) throw new ApiError('unavailable', found.join('; '));
        return { status: 'ok' as const };
      },
    });
  };

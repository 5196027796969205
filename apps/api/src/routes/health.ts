import { type Database, pendingMigrations } from '@ablate/db';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { problems } from './replies.ts';

const Ok = z.strictObject({ status: z.literal('ok') });
const tags = ['service'];

/** Why the service is not ready; empty if it is. */
async function faults({ db, redis }: { db: Database; redis: Redis }): Promise<string[]> {
  const [pending, ping] = await Promise.allSettled([pendingMigrations(db.pool), redis.ping()]);
  return [
    ...(pending.status === 'rejected' ? [`PostgreSQL: ${pending.reason}`] : []),
    ...(pending.status === 'fulfilled' && pending.value.length > 0
      ? [`pending migrations: ${pending.value.join(', ')}`]
      : []),
    ...(ping.status === 'rejected' ? [`Redis: ${ping.reason}`] : []),
  ];
}

export const healthRoutes =
  (services: { db: Database; redis: Redis }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/health', {
      schema: { tags, summary: 'Whether the process is alive', response: { 200: Ok, ...problems } },
      handler: async () => ({ status: 'ok' as const }),
    });

    app.get('/ready', {
      schema: {
        tags,
        summary: 'Whether PostgreSQL and Redis answer and all migrations are applied',
        response: { 200: Ok, ...problems },
      },
      handler: async () => {
        const found = await faults(services);
        if (found.length > 0) throw new ApiError('unavailable', found.join('; '));
        return { status: 'ok' as const };
      },
    });
  };

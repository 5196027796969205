import { noWorker } from '@ablate/contracts';
import { type Database, pendingMigrations, readWorkers } from '@ablate/db';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { problems } from './replies.ts';

const Ok = z.strictObject({ status: z.literal('ok') });
const Ready = Ok.extend({
  workers: z.int().min(0).describe('Workers that are alive'),
  warning: z.string().optional().describe('Why no run can start, although the API accepts sweeps'),
});
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
        summary: 'Whether PostgreSQL and Redis answer and all migrations are applied; and whether a worker is alive',
        response: { 200: Ready, ...problems },
      },
      handler: async () => {
        const found = await faults(services);
        if (found.length > 0) throw new ApiError('unavailable', found.join('; '));
        const workers = await readWorkers(services.db);
        const alive = workers.filter(({ state }) => state === 'alive').length;
        return { status: 'ok' as const, workers: alive, warning: noWorker(workers) ?? undefined };
      },
    });
  };

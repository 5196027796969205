/** The API without its process: each route takes HTTP in, calls one verb and returns JSON. */
import type { CheckpointStore } from '@ablate/checkpoints';
import type { Database, Retention } from '@ablate/db';
import { openAnswerBuilder, openDecider, openSpecReader } from '@ablate/sweeps';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import type { z } from 'zod';
import { answerClientError, answerError } from './answer-error.ts';
import { answerNoRoute } from './no-route.ts';
import { openApiOptions } from './openapi.ts';
import { refuseForeignOrigins } from './origin.ts';
import { servePages } from './pages.ts';
import { type Opening, queueBoard } from './queue-board.ts';
import { MAX_BODY_BYTES, readStrictJson } from './read-body.ts';
import { answerRoutes } from './routes/answers.ts';
import { type AugmentationOptions, augmentationRoutes } from './routes/augmentations.ts';
import { checkpointRoutes } from './routes/checkpoints.ts';
import { confusionRoutes } from './routes/confusion.ts';
import { drivenSweepRoutes } from './routes/driven-sweeps.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { idRoutes } from './routes/ids.ts';
import { insideRoutes } from './routes/inside.ts';
import { inspectionRoutes } from './routes/inspections.ts';
import { ownerRoutes } from './routes/owners.ts';
import { observeRequests, prometheusRoutes } from './routes/prometheus.ts';
import { runRoutes } from './routes/runs.ts';
import { sqlRoutes } from './routes/sql.ts';
import { studyRoutes } from './routes/studies.ts';
import { sweepRoutes } from './routes/sweeps.ts';
import { workerRoutes } from './routes/workers.ts';

export type AppOptions = {
  db: Database;
  redis: Redis;
  /** Shown at /queues. The API adds no jobs: the outbox is in the database. */
  queue: Opening;
  store: CheckpointStore;
  keep: Retention;
  data: AugmentationOptions['data'];
  /** The database with the read-only role, for SQL. */
  readerUrl?: string | undefined;
  /** Host names of the server beside those of this machine. */
  allowedHosts?: readonly string[];
  log?: FastifyBaseLogger;
};

/** The whole API, ready to listen. Closing it does not close the services in `options`. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    ...(options.log ? { loggerInstance: options.log } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply), // a path that cannot be decoded
  });
  readStrictJson(app);
  app.setErrorHandler(answerError);
  const registry = new Registry();
  observeRequests(app, registry);
  answerNoRoute(app);
  refuseForeignOrigins(app, { allowedHosts: options.allowedHosts ?? [] });

  await app.register(swagger, openApiOptions);
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(queueBoard(options));
  await servePages(app);

  const reader = openSpecReader();
  app.addHook('preClose', () => reader.close());
  const builder = openAnswerBuilder();
  app.addHook('onClose', () => builder.close());
  const decider = openDecider();
  app.addHook('onClose', () => decider.close());
  await app.register(async (service) => {
    service.setValidatorCompiler<z.ZodType>(({ schema }) => (data) => {
      const { success, data: value, error } = schema.safeParse(data);
      return success ? { value } : { error };
    });
    service.setSerializerCompiler(serializerCompiler);
    await service.register(healthRoutes(options));
    await service.register(prometheusRoutes({ ...options, registry }));
    for (const routes of [
      answerRoutes({ ...options, builder }),
      sweepRoutes({ ...options, reader }),
      drivenSweepRoutes({ ...options, decider }),
      confusionRoutes(options),
      augmentationRoutes({ ...options, reader }),
      runRoutes(options),
      insideRoutes(options),
      inspectionRoutes(options),
      ownerRoutes(options),
      idRoutes(options),
      checkpointRoutes(options),
      eventRoutes(options),
      workerRoutes(options),
      studyRoutes(options),
      sqlRoutes({ db: options.db, readerUrl: options.readerUrl }),
    ])
      await service.register(routes, { prefix: '/api/v1' });
  });
  return app;
}

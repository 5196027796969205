import {
  AttemptView,
  CheckpointView,
  Confusion,
  MetricView,
  PredictedSplit,
  PredictionView,
  page,
  RunLog,
  RunView,
  text,
} from '@ablate/contracts';
import type { Database } from '@ablate/db';
import {
  cancelRun,
  findRun,
  listCheckpoints,
  listMetrics,
  pauseRun,
  resumeRun,
  retryRun,
  runAttempts,
  runConfusion,
  runLog,
  runPredictions,
} from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { Id, PageQuery, problems } from './replies.ts';

const tags = ['runs'];
const ConfusionQuery = z.strictObject({ split: PredictedSplit.default('test') });
const PredictionsQuery = PageQuery.extend({
  split: PredictedSplit.default('test'),
  correct: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only images that are classified correctly, or only the others'),
});
const LogQuery = z.strictObject({
  attempt: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('Default: the newest attempt'),
});
const MetricsQuery = PageQuery.extend({ name: text(64).min(1).optional().describe('Only this metric') });

export const runRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/runs/:id', {
      schema: { tags, summary: 'Get a run', params: Id, response: { 200: RunView, ...problems } },
      handler: async (request) => findRun(context(request), request.params.id),
    });

    app.get('/runs/:id/metrics', {
      schema: {
        tags,
        summary: 'List the metrics of a run, by name and step',
        params: Id,
        querystring: MetricsQuery,
        response: { 200: page(MetricView), ...problems },
      },
      handler: async (request) => listMetrics(context(request), { runId: request.params.id, ...request.query }),
    });

    app.get('/runs/:id/predictions', {
      schema: {
        tags,
        summary: 'List what the model of a run said of each image of a split',
        params: Id,
        querystring: PredictionsQuery,
        response: { 200: page(PredictionView), ...problems },
      },
      handler: async (request) => {
        const { correct, ...query } = request.query;
        const only = correct === undefined ? {} : { correct: correct === 'true' };
        return runPredictions(context(request), { runId: request.params.id, ...query, ...only });
      },
    });

    app.get('/runs/:id/confusion', {
      schema: {
        tags,
        summary: 'Get the confusion matrix of a run on a split',
        params: Id,
        querystring: ConfusionQuery,
        response: { 200: Confusion, ...problems },
      },
      handler: async (request) => runConfusion(context(request), { runId: request.params.id, ...request.query }),
    });

    app.get('/runs/:id/attempts', {
      schema: {
        tags,
        summary: 'List the attempts of a run, oldest first',
        params: Id,
        response: { 200: page(AttemptView), ...problems },
      },
      handler: async (request) => ({ items: await runAttempts(context(request), request.params.id), nextCursor: null }),
    });

    app.get('/runs/:id/log', {
      schema: {
        tags,
        summary: 'Get the last lines that the trainer of an attempt printed, and one for each of its events',
        params: Id,
        querystring: LogQuery,
        response: { 200: RunLog, ...problems },
      },
      handler: async (request) => runLog(context(request), { runId: request.params.id, ...request.query }),
    });

    app.get('/runs/:id/checkpoints', {
      schema: {
        tags,
        summary: 'List the checkpoints of a run: the best on validation, the last, and retained older ones',
        params: Id,
        response: { 200: page(CheckpointView), ...problems },
      },
      handler: async (request) => ({
        items: await listCheckpoints(context(request), request.params.id),
        nextCursor: null,
      }),
    });

    app.post('/runs/:id/cancel', {
      schema: { tags, summary: 'Cancel a run', params: Id, response: { 202: RunView, ...problems } },
      handler: async (request, reply) => reply.code(202).send(await cancelRun(context(request), request.params.id)),
    });

    app.post('/runs/:id/pause', {
      schema: {
        tags,
        summary: 'Pause a run; a running one saves a checkpoint and stops',
        params: Id,
        response: { 202: RunView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await pauseRun(context(request), request.params.id)),
    });

    app.post('/runs/:id/resume', {
      schema: {
        tags,
        summary: 'Resume a paused run from its newest checkpoint',
        params: Id,
        response: { 202: RunView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await resumeRun(context(request), request.params.id)),
    });

    app.post('/runs/:id/retry', {
      schema: {
        tags,
        summary: 'Retry a failed or cancelled run',
        params: Id,
        response: { 202: RunView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await retryRun(context(request), request.params.id)),
    });
  };

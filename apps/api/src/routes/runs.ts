import { AttemptView, CheckpointView, MetricView, page, RunView, text } from '@ablate/contracts';
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
} from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { contextOf } from '../caller.ts';
import { Id, PageQuery, problems } from './replies.ts';

const tags = ['runs'];
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

    app.get('/runs/:id/attempts', {
      schema: {
        tags,
        summary: 'List the attempts of a run, oldest first',
        params: Id,
        response: { 200: page(AttemptView), ...problems },
      },
      handler: async (request) => ({ items: await runAttempts(context(request), request.params.id), nextCursor: null }),
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

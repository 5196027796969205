import {
  DecisionView,
  IdempotencyKey,
  Plan,
  page,
  RetryPlan,
  RunOrder,
  RunState,
  RunView,
  SweepChange,
  SweepDetail,
  SweepItem,
  SweepOrder,
  SweepState,
  SweepView,
  text,
} from '@ablate/contracts';
import type { Database } from '@ablate/db';
import {
  cancelSweep,
  changeSweep,
  findSweep,
  listDecisions,
  listRuns,
  listSweeps,
  pauseSweep,
  planRetry,
  planSweep,
  RUN_VERBS,
  resumeSweep,
  retrySweep,
  type SpecReader,
  submitSweep,
} from '@ablate/sweeps';
import type { FastifyPluginAsyncZod, ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { clientLeft } from '../client-left.ts';
import { keepJsonText } from '../read-body.ts';
import { SpecText } from '../spec-text.ts';
import { Id, PageQuery, problems } from './replies.ts';

const tags = ['sweeps'];
const SubmitQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('Return the plan without submitting'),
  plan: z.enum(['', 'true', 'false']).default('false').describe('The same'),
});
const SubmitHeaders = z.object({
  'idempotency-key': IdempotencyKey.optional().describe(
    'A key of the client’s choice. A repeated submission with the same key and spec returns the first sweep',
  ),
});
const RetryQuery = z.strictObject({
  state: z
    .enum(RUN_VERBS.retried)
    .optional()
    .describe('Only runs in this state; default: all failed and cancelled runs'),
  dryRun: z.enum(['true', 'false']).default('false').describe('Return the plan without requeueing'),
});
const RunsQuery = PageQuery.extend({
  state: RunState.optional(),
  configId: z.uuid().optional().describe('Only the runs of this config'),
  order: RunOrder.default('position').describe('Runs without the figure come last'),
  descending: z.enum(['true', 'false']).default('false'),
});
const DecisionsQuery = PageQuery.extend({
  summary: z.enum(['true', 'false']).default('false').describe('Leave out configs, trains and results'),
});
const SweepsQuery = PageQuery.extend({
  state: SweepState.optional(),
  owner: text(200).min(1).optional().describe('Only the sweeps of this owner'),
  search: text(200).min(1).optional().describe('Part of the name or of the owner, or the start of the id'),
  order: SweepOrder.default('newest'),
});

const MAX_SPEC_BYTES = 1_000_000;

export const sweepRoutes =
  ({ db, reader }: { db: Database; reader: SpecReader }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    await app.register(async (submitting) => {
      keepJsonText(submitting);
      submitting.withTypeProvider<ZodTypeProvider>().post('/sweeps', {
        bodyLimit: MAX_SPEC_BYTES,
        schema: {
          tags,
          summary: 'Submit a sweep',
          querystring: SubmitQuery,
          headers: SubmitHeaders,
          body: SpecText,
          response: { 200: Plan.describe('The plan of a dry run'), 202: SweepView, ...problems },
        },
        handler: async (request, reply) => {
          const written = { text: request.body, reader, signal: clientLeft(reply) };
          const { dryRun, plan } = request.query;
          if (dryRun === 'true' || plan !== 'false')
            return reply.code(200).send(await planSweep(context(request), written));
          const key = request.headers['idempotency-key'];
          const sweep = await submitSweep(context(request), { ...written, key });
          return reply.code(202).header('location', `/api/v1/sweeps/${sweep.id}`).send(sweep);
        },
      });
    });

    app.get('/sweeps', {
      schema: {
        tags,
        summary: 'List sweeps, newest first, with what each varies and found',
        querystring: SweepsQuery,
        response: { 200: page(SweepItem), ...problems },
      },
      handler: async (request) => listSweeps(context(request), request.query),
    });

    app.get('/sweeps/:id', {
      schema: { tags, summary: 'Get a sweep with its spec', params: Id, response: { 200: SweepDetail, ...problems } },
      handler: async (request) => findSweep(context(request), request.params.id),
    });

    app.get('/sweeps/:id/runs', {
      schema: {
        tags,
        summary: 'List the runs of a sweep',
        params: Id,
        querystring: RunsQuery,
        response: { 200: page(RunView), ...problems },
      },
      handler: async (request) => {
        const { descending, ...query } = request.query;
        const sweepId = request.params.id;
        return listRuns(context(request), { sweepId, ...query, descending: descending === 'true' });
      },
    });

    app.get('/sweeps/:id/decisions', {
      schema: {
        tags,
        summary: 'List what the search of a sweep decided, in order, with the hash of its inputs',
        params: Id,
        querystring: DecisionsQuery,
        response: { 200: page(DecisionView), ...problems },
      },
      handler: async (request) => {
        const { summary, ...query } = request.query;
        return listDecisions(context(request), { sweepId: request.params.id, ...query, summary: summary === 'true' });
      },
    });

    app.patch('/sweeps/:id', {
      schema: {
        tags,
        summary: 'Change the priority, limit and budget of a sweep; the next dispatch applies them',
        params: Id,
        body: SweepChange,
        response: { 200: SweepView, ...problems },
      },
      handler: async (request) => changeSweep(context(request), { sweepId: request.params.id, ...request.body }),
    });

    app.post('/sweeps/:id/pause', {
      schema: {
        tags,
        summary: 'Pause a sweep: no run starts, and running runs save a checkpoint and stop',
        params: Id,
        response: { 202: SweepView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await pauseSweep(context(request), request.params.id)),
    });

    app.post('/sweeps/:id/resume', {
      schema: {
        tags,
        summary: 'Resume a paused sweep from its checkpoints',
        params: Id,
        response: { 202: SweepView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await resumeSweep(context(request), request.params.id)),
    });

    app.post('/sweeps/:id/cancel', {
      schema: {
        tags,
        summary: 'Cancel the unfinished runs of a sweep',
        params: Id,
        response: { 202: SweepView, ...problems },
      },
      handler: async (request, reply) => reply.code(202).send(await cancelSweep(context(request), request.params.id)),
    });

    app.post('/sweeps/:id/retry', {
      schema: {
        tags,
        summary: 'Retry the failed and cancelled runs of a sweep; they resume from their newest checkpoints',
        params: Id,
        querystring: RetryQuery,
        response: { 200: RetryPlan.describe('The plan of a dry run'), 202: SweepView, ...problems },
      },
      handler: async (request, reply) => {
        const { dryRun, state } = request.query;
        const retry = { sweepId: request.params.id, state };
        if (dryRun === 'true') return reply.code(200).send(await planRetry(context(request), retry));
        return reply.code(202).send(await retrySweep(context(request), retry));
      },
    });
  };

/** Sweeps that a caller drives: `"search": { "method": "ask" }`. */
import { Ask, IdempotencyKey, SweepView, Tell, TrialView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { askSweep, type Decider, findTrial, finishSweep, tellSweep } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { Id, problems } from './replies.ts';

const tags = ['sweeps'];
const AskHeaders = z.object({
  'idempotency-key': IdempotencyKey.optional().describe(
    'A key of the client’s choice, for one ask. Repeated with the same body it returns the same trial',
  ),
});
const TrialParams = Id.extend({
  trial: z.coerce.number().int().min(0).max(1e6).describe('Number of the trial, from 0'),
});

export const drivenSweepRoutes =
  ({ db, decider }: { db: Database; decider: Decider }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.post('/sweeps/:id/ask', {
      schema: {
        tags,
        summary: 'Ask for a config to try: one that the sampler suggests, or one that the caller gives',
        params: Id,
        headers: AskHeaders,
        body: Ask.nullish(),
        response: { 200: TrialView, ...problems },
      },
      handler: async (request) =>
        askSweep(context(request), {
          ...{ sweepId: request.params.id, decider, ask: request.body ?? { train: true } },
          key: request.headers['idempotency-key'],
        }),
    });

    app.post('/sweeps/:id/tell', {
      schema: {
        tags,
        summary: 'Tell what the caller measured of a trial, or end the sweep',
        params: Id,
        body: Tell,
        response: { 200: TrialView, 202: SweepView.describe('The sweep that was ended'), ...problems },
      },
      handler: async (request, reply) => {
        const driven = { sweepId: request.params.id, decider };
        if ('finish' in request.body) return reply.code(202).send(await finishSweep(context(request), driven));
        return reply.code(200).send(await tellSweep(context(request), { ...driven, ...request.body }));
      },
    });

    app.get('/sweeps/:id/trials/:trial', {
      schema: {
        tags,
        summary: 'Get a config that a search chose, with its runs, and its value as soon as there is one',
        params: TrialParams,
        response: { 200: TrialView, ...problems },
      },
      handler: async (request) =>
        findTrial(context(request), { sweepId: request.params.id, trial: request.params.trial }),
    });
  };

import {
  Answer,
  AnswerMetric,
  AnswerSplit,
  ConfigComparison,
  Curves,
  CurveX,
  SweepPoints,
  text,
} from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { type AnswerBuilder, compareConfigs, sweepAnswer, sweepCurves, sweepPoints, sweepStamp } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { answeredUnchanged, entityTag } from '../entity-tag.ts';
import { Id, problems } from './replies.ts';

const tags = ['answers'];

const Figure = z.strictObject({
  metric: AnswerMetric.optional().describe('Default: that of the spec'),
  split: AnswerSplit.default('test').describe(
    'The best epoch is chosen on validation and measured once on test; choose between configs on validation',
  ),
});

const AnswerQuery = Figure.extend({
  baseline: text(500)
    .min(1)
    .optional()
    .describe('A config’s id, position, or values such as `patchSize=8,ordering=preNorm`. Default: that of the spec'),
  limit: z.coerce.number().int().min(1).max(1000).default(200).describe('Maximum number of rows'),
});

const Text = text(20_000).min(1);

/** Ids separated by commas. Values on axes have commas too, so a comma counts only before an id. */
const splitIds = (ids: string | string[]): string[] => [ids].flat().flatMap((one) => one.split(/,(?=[0-9a-f]{8}-)/i));

const CompareQuery = Figure.extend({
  configs: z
    .union([Text, z.array(Text).max(20)])
    .refine((ids) => splitIds(ids).length >= 2 && splitIds(ids).length <= 20, 'name 2 to 20 configs')
    .describe('2 to 20 ids of configs, or `sweep:position`, separated by commas; the first is the baseline'),
});

const CurvesQuery = z.strictObject({
  metric: text(64).min(1).default('val/accuracy').describe('Name of the measured values'),
  x: CurveX.default('step'),
  points: z.coerce.number().int().min(2).max(2000).default(256).describe('Most points of a curve'),
  configs: Text.refine(
    (ids) => splitIds(ids).length <= 50 && splitIds(ids).every((id) => z.uuid().safeParse(id).success),
    'must be at most 50 ids of configs, separated by commas',
  )
    .optional()
    .describe('Ids of at most 50 configs. Default: the ten with the best validation accuracy'),
});

export const answerRoutes =
  ({ db, builder }: { db: Database; builder: AnswerBuilder }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    app.get('/sweeps/:id/answer', {
      schema: {
        tags,
        summary: 'What is better, by how much, whether it is more than noise, and what it cost',
        params: Id,
        querystring: AnswerQuery,
        response: { 200: Answer, 304: z.null().describe('Unchanged'), ...problems },
      },
      handler: async (request, reply) => {
        const stamp = await sweepStamp(context(request), request.params.id);
        if (answeredUnchanged(request, reply, entityTag(stamp, [request.params, request.query]))) return reply;
        return reply
          .code(200)
          .send(await sweepAnswer(context(request), { sweepId: request.params.id, ...request.query, builder }));
      },
    });

    app.get('/sweeps/:id/curves', {
      schema: {
        tags,
        summary: 'A metric over training: mean, least and greatest value over the seeds of each config',
        params: Id,
        querystring: CurvesQuery,
        response: { 200: Curves, ...problems },
      },
      handler: async (request) => {
        const { configs, ...query } = request.query;
        const ids = configs === undefined ? {} : { configs: splitIds(configs) };
        return sweepCurves(context(request), { sweepId: request.params.id, ...query, ...ids });
      },
    });

    app.get('/sweeps/:id/points', {
      schema: {
        tags,
        summary: 'Every config of a sweep as columns: its values on the axes, its mean and its cost',
        params: Id,
        querystring: Figure,
        response: { 200: SweepPoints, 304: z.null().describe('Unchanged'), ...problems },
      },
      handler: async (request, reply) => {
        const stamp = await sweepStamp(context(request), request.params.id);
        if (answeredUnchanged(request, reply, entityTag(stamp, [request.params, request.query]))) return reply;
        return reply
          .code(200)
          .send(await sweepPoints(context(request), { sweepId: request.params.id, ...request.query }));
      },
    });

    app.get('/compare', {
      schema: {
        tags,
        summary:
          'Compare configs with the first of them: figures, and every difference of config, data, code, environment',
        querystring: CompareQuery,
        response: { 200: ConfigComparison, ...problems },
      },
      handler: async (request) => {
        const { configs, ...figure } = request.query;
        return compareConfigs(context(request), { configs: splitIds(configs), ...figure });
      },
    });
  };

import { RunState } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { type Gauges, localContext, readGauges } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from './replies.ts';

type Sample = { labels?: Record<string, string>; value: number };

/** One row a measure: its name, what it is, and its samples. Labels are closed lists, so nothing needs escaping. */
const MEASURES: [name: string, help: string, samples: (gauges: Gauges) => Sample[]][] = [
  [
    'ablate_runs',
    'Runs in each state',
    ({ runs }) =>
      RunState.options.map((state) => ({
        labels: { state },
        value: runs.find((run) => run.state === state)?.count ?? 0,
      })),
  ],
  [
    'ablate_attempts_ended',
    'Attempts that ended, by cause',
    ({ attempts }) => attempts.map(({ cause, count }) => ({ labels: { cause }, value: count })),
  ],
  ['ablate_dispatched', 'Runs in the queue that no worker has claimed', ({ dispatched }) => [{ value: dispatched }]],
  [
    'ablate_oldest_heartbeat_seconds',
    'Age of the oldest heartbeat of a running run',
    ({ oldestHeartbeat }) => [{ value: oldestHeartbeat }],
  ],
];

const line = (name: string, { labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
};

/** Gauges in Prometheus' text format, version 0.0.4. */
export const prometheusText = (gauges: Gauges): string =>
  MEASURES.flatMap(([name, help, samples]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples(gauges).map((sample) => line(name, sample)),
    '',
  ]).join('\n');

export const prometheusRoutes =
  ({ db }: { db: Database }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/metrics', {
      schema: {
        tags: ['service'],
        summary: 'How the service stands, for Prometheus',
        response: {
          200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
          ...problems,
        },
      },
      handler: async (_request, reply) =>
        reply.type('text/plain; version=0.0.4; charset=utf-8').send(prometheusText(await readGauges(localContext(db)))),
    });
  };

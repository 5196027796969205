import { RunState } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { type Gauges, readGauges } from '@ablate/sweeps';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { problems } from './replies.ts';

type Sample = { labels?: Record<string, string>; value: number };

/** One row per gauge: its name, its help text, its labels, and its samples. */
const GAUGES: { name: string; help: string; labels?: string[]; samples: (gauges: Gauges) => Sample[] }[] = [
  {
    name: 'ablate_runs',
    help: 'Runs in each state',
    labels: ['state'],
    samples: ({ runs }) =>
      RunState.options.map((state) => ({
        labels: { state },
        value: runs.find((run) => run.state === state)?.count ?? 0,
      })),
  },
  {
    name: 'ablate_attempts_ended',
    help: 'Ended attempts by cause',
    labels: ['cause'],
    samples: ({ attempts }) => attempts.map(({ cause, count }) => ({ labels: { cause }, value: count })),
  },
  {
    name: 'ablate_dispatched',
    help: 'Dispatched runs that no worker has claimed',
    samples: ({ dispatched }) => [{ value: dispatched }],
  },
  {
    name: 'ablate_oldest_heartbeat_seconds',
    help: 'Age of the oldest heartbeat of a running run',
    samples: ({ oldestHeartbeat }) => [{ value: oldestHeartbeat }],
  },
];

/** Adds a histogram of the durations of all requests to `registry`, by method, route and status class. */
export function observeRequests(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'ablate_http_request_duration_seconds',
    help: 'Duration of HTTP requests; an event stream lasts until it is closed',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: `${Math.floor(reply.statusCode / 100)}xx`,
    };
    durations.observe(labels, reply.elapsedTime / 1000);
  });
}

/** `GET /metrics`: the gauges of the service, with the process metrics and whatever else `registry` holds. */
export const prometheusRoutes =
  ({ db, registry }: { db: Database; registry: Registry }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    collectDefaultMetrics({ register: registry });
    const gauges = GAUGES.map(({ name, help, labels = [], samples }) => ({
      samples,
      gauge: new Gauge({ name, help, labelNames: labels, registers: [registry] }),
    }));

    app.get('/metrics', {
      schema: {
        tags: ['service'],
        summary: 'Metrics for Prometheus',
        response: {
          200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const read = await readGauges(context(request));
        for (const { gauge, samples } of gauges) {
          gauge.reset();
          for (const { labels = {}, value } of samples(read)) gauge.set(labels, value);
        }
        return reply.type(registry.contentType).send(await registry.metrics());
      },
    });
  };

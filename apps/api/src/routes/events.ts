import { Readable } from 'node:stream';
import { EventView, page } from '@ablate/contracts';
import { type Database, lastEventNumber, numberEvents } from '@ablate/db';
import { listEvents } from '@ablate/sweeps';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { contextOf } from '../caller.ts';
import { ApiError } from '../errors.ts';
import { openEventFeed } from '../event-feed.ts';
import { eventStream } from '../event-stream.ts';
import { PageQuery, problems } from './replies.ts';

const tags = ['events'];
const MAX_STREAMS = 1_000;

const Filter = {
  sweepId: z.uuid().optional().describe('Only events of this sweep'),
  runId: z.uuid().optional().describe('Only events of this run'),
};
const ListQuery = PageQuery.extend(Filter);
const eventNumber = z.coerce.number().int().min(0);
const StreamQuery = z.strictObject({
  ...Filter,
  after: z
    .union([z.literal('latest'), eventNumber])
    .default(0)
    .describe('Start after this event number; 0 is the beginning, latest is now'),
});
/** OpenAPI describes a sequence, such as an event stream, as the array of its items. */
const Events = z.array(
  z.strictObject({
    id: z.string().describe('The number of the event, which an EventSource sends back as Last-Event-ID'),
    event: EventView.shape.subject,
    data: z.string().meta({ contentMediaType: 'application/json', contentSchema: z.toJSONSchema(EventView) }),
  }),
);
const StreamHeaders = z.looseObject({
  'last-event-id': eventNumber
    .optional()
    .describe('Resume after this event number; an EventSource sends it when it reconnects'),
});

export const eventRoutes =
  ({ db, heartbeatMs = 15_000 }: { db: Database; heartbeatMs?: number }): FastifyPluginAsyncZod =>
  async (app) => {
    const context = contextOf(db);
    const feed = openEventFeed(db, app.log);
    const streams = new Set<AbortController>();
    app.addHook('preClose', async () => {
      for (const stream of streams) stream.abort();
    });

    app.get('/events', {
      schema: {
        tags,
        summary: 'List the event log: every change of a state with its cause, in order',
        querystring: ListQuery,
        response: { 200: page(EventView), ...problems },
      },
      handler: async (request) => {
        await numberEvents(db);
        return listEvents(context(request), request.query);
      },
    });

    app.get('/events/stream', {
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'Follow the event log as server-sent events',
        querystring: StreamQuery,
        headers: StreamHeaders,
        response: {
          200: {
            description: 'Events',
            content: { 'text/event-stream': { schema: z.unknown().meta(z.toJSONSchema(Events)) } },
          },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        if (streams.size >= MAX_STREAMS)
          throw new ApiError('unavailable', `${MAX_STREAMS} streams are open: close one, or read GET /events`);
        const { after, ...filter } = request.query;
        const stream = new AbortController();
        const end = () => {
          stream.abort();
          streams.delete(stream);
        };
        streams.add(stream);
        reply.raw.once('close', end);
        let from: number;
        try {
          await listEvents(context(request), { ...filter, limit: 1 }); // refuses an unknown id
          from = request.headers['last-event-id'] ?? (after === 'latest' ? await lastEventNumber(db) : after);
        } catch (error) {
          end();
          throw error;
        }
        if (reply.raw.closed) end(); // closed before the listener was added
        const events = eventStream({
          ...{ db, feed, filter, heartbeatMs },
          after: from,
          signal: stream.signal,
        });
        return reply
          .type('text/event-stream')
          .header('cache-control', 'no-cache')
          .header('x-accel-buffering', 'no')
          .send(Readable.from(events, { objectMode: false, highWaterMark: 16_384 }));
      },
    });
  };

import { Readable } from 'node:stream';
import { EventView, page } from '@ablate/contracts';
import { type Database, numberEvents } from '@ablate/db';
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

const Of = {
  sweepId: z.uuid().optional().describe('Of this sweep'),
  runId: z.uuid().optional().describe('Of this run'),
};
const ListQuery = PageQuery.extend(Of);
const place = z.coerce.number().int().min(0);
const StreamQuery = z.strictObject({
  ...Of,
  after: place.default(0).describe('Begin after this number; 0 is the start'),
});
const StreamHeaders = z.looseObject({
  'last-event-id': place.optional().describe('Go on after this number; an EventSource sends it when it reconnects'),
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
        summary: 'Every change of a state with its cause, in order',
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
        summary: 'The same as server-sent events, and those that come',
        querystring: StreamQuery,
        headers: StreamHeaders,
        response: {
          200: {
            description: 'Events',
            content: { 'text/event-stream': { schema: z.unknown().meta({ type: 'string' }) } },
          },
          ...problems,
        },
      },
      handler: async (request, reply) => {
        if (streams.size >= MAX_STREAMS)
          throw new ApiError('unavailable', `${MAX_STREAMS} streams are open: close one, or read GET /events`);
        const { after, ...of } = request.query;
        const stream = new AbortController();
        const end = () => {
          stream.abort();
          streams.delete(stream);
        };
        streams.add(stream);
        reply.raw.once('close', end);
        try {
          await listEvents(context(request), { ...of, limit: 1 }); // refuses what is none
        } catch (error) {
          end();
          throw error;
        }
        if (reply.raw.closed) end(); // before we listened
        const events = eventStream({
          ...{ db, feed, of, heartbeatMs },
          after: request.headers['last-event-id'] ?? after,
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

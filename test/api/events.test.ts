import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { after } from 'node:test';
import { EventView, Problem, page } from '@ablate/contracts';
import { type Database, endAttempt, openDatabase } from '@ablate/db';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { eventRoutes } from '../../apps/api/src/routes/events.ts';
import { claimedJob, newSweep } from '../db/small-sweep.ts';
import { testDatabase } from '../support/postgres.ts';
import { runningApp } from './running-app.ts';

const { app, db } = await runningApp();
const address = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/v1/events`;

type Message = { id: number; event: string; data: EventView };

/** An open stream, and its events so far, parsed according to the standard. */
function listen(url: string, headers: Record<string, string> = {}) {
  const ended = new AbortController();
  after(() => ended.abort());
  const messages: Message[] = [];
  let comments = 0;
  const over = (async () => {
    const response = await fetch(url, { headers, signal: ended.signal });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    let text = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        if (block.startsWith(':')) comments++;
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const data = field('data');
        if (data !== undefined)
          messages.push({
            id: Number(field('id')),
            event: field('event') ?? '',
            data: EventView.parse(JSON.parse(data)),
          });
      }
    }
  })();
  const until = async (what: () => boolean) => {
    for (const deadline = performance.now() + 20_000; !what(); await new Promise((r) => setTimeout(r, 20)))
      if (performance.now() > deadline) throw new Error(`timeout; received ${JSON.stringify(messages)}`);
  };
  return {
    messages,
    comments: () => comments,
    until,
    close: () => ended.abort(),
    over: over.catch((error) => void (ended.signal.aborted || Promise.reject(error))),
  };
}

test('a stream sends past and new events in order, and resumes after Last-Event-ID', async () => {
  const job = await claimedJob(db);
  const first = listen(`${address}/stream?runId=${job.runId}`);
  await first.until(() => first.messages.length === 2);
  first.close();
  await first.over;
  await endAttempt(db, { ...job, cause: 'lost', message: 'no heartbeat' });

  const last = first.messages.at(-1)!.id;
  const again = listen(`${address}/stream?runId=${job.runId}`, { 'last-event-id': String(last) });
  await again.until(() => again.messages.length === 2);
  assert.deepEqual(again.messages.map(({ event, data }) => [event, data.state, data.cause, data.message]).sort(), [
    ['attempt', 'ended', 'lost', 'no heartbeat'],
    ['run', 'queued', null, null],
  ]);
  assert.ok(again.messages.every(({ id }) => id > last));
  again.close();
});

test('an unfiltered stream equals the list, number by number', async () => {
  const stream = listen(`${address}/stream`);
  for (let i = 0; i < 3; i++) await claimedJob(db);
  const list = page(EventView).parse((await app.inject('/api/v1/events?limit=1000')).json());
  await stream.until(() => stream.messages.length >= list.items.length);
  assert.deepEqual(
    stream.messages.map(({ data }) => data),
    list.items,
  );
  assert.deepEqual(
    list.items.map(({ number }) => number),
    list.items.map((_, i) => i + 1),
  );
  stream.close();
});

test('a stream from the latest event sends only newer ones', async () => {
  await claimedJob(db);
  const past = page(EventView).parse((await app.inject('/api/v1/events?limit=1000')).json());
  const stream = listen(`${address}/stream?after=latest`);
  const news = () => stream.messages.length > 0;
  while (!news()) {
    await claimedJob(db);
    await new Promise((r) => setTimeout(r, 300)); // the stream may have opened after it
  }
  assert.ok(stream.messages.every(({ id }) => id > (past.items.at(-1)?.number ?? 0)));
  stream.close();
});

test('an invalid number or an unknown id is refused', async () => {
  const stream = (query: string, headers = {}) => app.inject({ url: `/api/v1/events/stream?${query}`, headers });
  const none = '00000000-0000-4000-8000-000000000000';
  assert.equal((await stream(`sweepId=${none}`)).statusCode, 404);
  assert.equal((await app.inject(`/api/v1/events?runId=${none}`)).statusCode, 404);
  for (const answer of [await stream('after=-1'), await stream('', { 'last-event-id': 'yesterday' })])
    assert.equal(Problem.parse(answer.json()).status, 400);
});

async function smallApp(database: Database) {
  const small = Fastify();
  small.setValidatorCompiler(validatorCompiler);
  small.setSerializerCompiler(serializerCompiler);
  await small.register(eventRoutes({ db: database, heartbeatMs: 50 }));
  return { small, url: `${await small.listen({ host: '127.0.0.1', port: 0 })}/events/stream` };
}

test('a silent stream sends comments, and closing the server ends open streams', async () => {
  const { small, url } = await smallApp(db);
  const sweep = await newSweep(db);
  const stream = listen(`${url}?sweepId=${sweep.id}`);
  await stream.until(() => stream.comments() >= 2);
  await small.close();
  await stream.over;
  assert.deepEqual(
    stream.messages.map(({ event }) => event),
    ['sweep'],
  );
});

/** A client that requests the stream and never reads it. */
function deafClient(url: string): Socket {
  const { hostname, port, pathname } = new URL(url);
  const client = connect(Number(port), hostname);
  client.on('error', () => undefined); // reset when the server closes
  client.pause();
  client.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  after(() => client.destroy());
  return client;
}

/** 80 MB of events, more than all buffers between a server and a client can hold. */
const writeMany = (database: Database) =>
  database.pool.query(
    `INSERT INTO event (number, subject, sweep_id, state, message)
     SELECT n, 'sweep', gen_random_uuid(), 'queued', repeat('x', 2000) FROM generate_series(1, 40000) n`,
  );

test('the server reads no more from the database than a slow reader takes', async () => {
  const own = await testDatabase({ after });
  const database = openDatabase({ url: own.url });
  after(() => database.close());
  await writeMany(database);
  const { small, url } = await smallApp(database);
  const accepted = once(small.server, 'connection');
  const client = deafClient(url);
  const [socket] = await accepted;
  let written = -1;
  while (written < 1_000_000 || written !== socket.bytesWritten) {
    written = socket.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.ok(written < 40_000_000, `${written} bytes were read from the database for a reader that reads nothing`);
  client.destroy();
  await small.close();
});

test('the API closes at once with open streams: followed, silent or unread', async () => {
  const own = await runningApp();
  await writeMany(own.db);
  const url = `${await own.app.listen({ host: '127.0.0.1', port: 0 })}/api/v1/events/stream`;
  const accepted = once(own.app.server, 'connection');
  deafClient(url);
  const [socket] = await accepted;
  while (socket.bytesWritten < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 50));
  const sweep = await newSweep(own.db);
  const silent = listen(`${url}?sweepId=${sweep.id}`);
  await silent.until(() => silent.messages.length === 1);
  const closed = own.app.close().then(() => 'closed');
  const late = new Promise((resolve) => setTimeout(resolve, 8_000, 'still open'));
  assert.equal(await Promise.race([closed, late]), 'closed');
  await silent.over;
});

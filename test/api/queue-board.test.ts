/** The queue dashboard, as its page calls it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { jobId } from '@ablate/contracts';
import { claimRun, dispatch } from '@ablate/db';
import { z } from 'zod';
import { post, runningApp } from './running-app.ts';

const { app, db } = await runningApp();

const SPEC = {
  version: 1,
  name: 'first <b>sweep</b>',
  dataset: { name: 'shapes10', samples: 320 },
  model: { family: 'vit', patchSize: 8, width: 24, depth: 1, heads: 2 },
  seeds: [1, 2],
  space: { 'model.depth': [1, 2] },
};

const Job = z.object({
  id: z.string(),
  name: z.string(),
  priority: z.number().optional(),
  externalUrl: z.object({ href: z.string() }),
});
const Queues = z.object({
  queues: z.tuple([
    z.object({ counts: z.record(z.string(), z.number()), jobs: z.array(Job), readOnlyMode: z.literal(true) }),
  ]),
});

async function board(status: string) {
  const answer = await app.inject(`/queues/api/queues?activeQueue=runs&status=${status}&page=1&jobsPerPage=10`);
  assert.equal(answer.statusCode, 200, answer.body);
  return Queues.parse(answer.json()).queues[0];
}

async function submit(extra: object = {}): Promise<string> {
  const answer = await app.inject(post('/api/v1/sweeps', { ...SPEC, ...extra }));
  assert.equal(answer.statusCode, 202, answer.body);
  return answer.json().id;
}

test('queued runs are listed with names, priorities and pauses, also those that Redis does not hold', async () => {
  const plain = await submit();
  const { counts, jobs } = await board('waiting');
  assert.equal(counts.waiting, 4);
  assert.equal(jobs[0]?.name, 'first <b>sweep</b> · depth 1 · seed 1');
  const href = jobs[0]?.externalUrl.href ?? '';
  assert.equal((await app.inject(href)).statusCode, 200, 'the link works with and without the pages');
  const run = await app.inject(`/api/v1/runs/${href.split('/').at(-1)}`);
  assert.deepEqual([run.statusCode, run.json().sweepId], [200, plain]);

  await submit({ name: 'urgent', priority: 7 });
  const urgent = await board('prioritized');
  assert.equal(urgent.counts.prioritized, 4);
  assert.deepEqual([urgent.jobs[0]?.name, urgent.jobs[0]?.priority], ['urgent · depth 1 · seed 1', 7]);

  await app.inject(post(`/api/v1/sweeps/${plain}/pause`));
  const paused = await board('paused');
  assert.deepEqual([paused.counts.paused, paused.counts.waiting], [4, 0]);
  assert.equal(paused.jobs.length, 4);
  const one = await app.inject(`/queues/api/queues/runs/${paused.jobs[3]?.id}`);
  assert.deepEqual([one.statusCode, one.json().job.name], [200, 'first <b>sweep</b> · depth 2 · seed 2']);

  const latest = await board('latest');
  assert.equal(latest.jobs.length, 8);

  const { jobs: chosen } = await dispatch(db, { window: 1, room: 1 });
  await claimRun(db, { ...chosen[0]!, worker: 'test' });
  assert.equal((await board('prioritized')).counts.prioritized, 3, 'a claimed run does not wait');
  const gone = await app.inject(`/queues/api/queues/runs/${jobId(chosen[0]!)}`);
  assert.equal(gone.statusCode, 404);
});

test('a page of the list has its own jobs', async () => {
  const all = await board('paused');
  const second = await app.inject('/queues/api/queues?activeQueue=runs&status=paused&page=2&jobsPerPage=3');
  const { jobs } = Queues.parse(second.json()).queues[0];
  assert.deepEqual(jobs, all.jobs.slice(3));
});

test('the page names no other host, and its policy allows none', async () => {
  const { statusCode, body, headers } = await app.inject('/queues');
  assert.equal(statusCode, 200);
  assert.doesNotMatch(body, /(?:src|href)="(?:https?:)?\/\//);
  assert.match(String(headers['content-security-policy']), /default-src 'self'/);
});

test('the dashboard changes nothing, and refuses other hosts like the rest of the API', async () => {
  const { jobs } = await board('paused');
  for (const url of ['/queues/api/queues/runs/pause', `/queues/api/queues/runs/${jobs[0]?.id}/clean`]) {
    const answer = await app.inject({ method: 'PUT', url });
    assert.equal(answer.statusCode, 405, url);
  }
  const foreign = await app.inject({ url: '/queues', headers: { host: 'evil.example' } });
  assert.equal(foreign.statusCode, 403);
  assert.match(String(foreign.headers['content-type']), /problem\+json/);
  const unknown = await app.inject('/queues/api/queues/runs/nonsense');
  assert.equal(unknown.statusCode, 404);
});

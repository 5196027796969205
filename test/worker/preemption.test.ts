import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';
import { isPreempted } from '../../apps/worker/src/preemption.ts';
import { service } from '../support/service.ts';
import { tinyConfig } from '../support/tiny.ts';

test('on a preemption notice the worker saves, requeues its run without counting a loss, and exits', async (t) => {
  const folder = temporaryFolder();
  const notice = join(folder.path, 'notice');
  const { submit, worker, row, until } = await service(t);
  await submit([tinyConfig({ epochs: 1000 }, 1600)]);
  const spot = worker({ ABLATE_PREEMPTION: notice, ABLATE_PREEMPTION_SECONDS: '0.1' });
  await until('the run trains', `SELECT id FROM checkpoint WHERE kind = 'last'`);
  writeFileSync(notice, '');
  assert.equal(await spot.exited, 0);
  const run = await row<{ state: string; losses: number }>('SELECT state, losses FROM run');
  assert.deepEqual(run, { state: 'queued', losses: 0 });
  const attempt = await row<{ cause: string; step: number }>(
    `SELECT attempt.cause, (SELECT max(step) FROM checkpoint) AS step, message FROM attempt`,
  );
  assert.equal(attempt?.cause, 'preempted');
  // It stopped at the step that it saved.
  assert.match(JSON.stringify(attempt), new RegExp(`at step ${attempt?.step} of`));
});

test('a preemption notice is a file, or a URL that answers anything but 404 or FALSE', async (t) => {
  const answers: Record<string, [number, string]> = {
    '/none': [404, ''],
    '/no': [200, 'FALSE'],
    '/yes': [200, 'TRUE'],
  };
  const server = createServer((request, response) => {
    const aws = request.url?.startsWith('/latest/');
    if (aws && request.method === 'PUT') return response.end('a token');
    if (aws) return response.writeHead(request.headers['x-aws-ec2-metadata-token'] === 'a token' ? 200 : 401).end('{}');
    const [status, text] = answers[request.url ?? ''] ?? [500, ''];
    response.writeHead(status).end(text);
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = (path: string) => isPreempted(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  assert.deepEqual(
    await Promise.all([at('/none'), at('/no'), at('/yes'), at('/latest/meta-data/spot/instance-action')]),
    [false, false, true, true],
  );
  await assert.rejects(at('/broken'), /answers 500/);
  assert.equal(await isPreempted('/nowhere/at/all'), false);
});

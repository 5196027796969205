/** Fault 16: hundreds of readers of the event log, some of which never read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '@ablate/harness/installation';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { assertKept } from './promises.ts';
import { LONG } from './settings.ts';

const [READERS, DEAF] = LONG ? [450, 50] : [180, 20];
/** More than a warming heap grows, far less than buffering for the readers that never read would take. */
const GROWTH_MIB = 96;

const all = await install({ workers: 1, env: simulatedTrainer({ seconds: 0.1 }) });
after(() => all.close());

/** Collects the numbers of the events that it receives, in order. */
function reader(path: string): { numbers: number[]; close(): void } {
  const numbers: number[] = [];
  let rest = '';
  const asked = request(`${all.origin}${path}`, { agent: false }, (answer) => {
    assert.equal(answer.statusCode, 200);
    answer.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('id: ')) numbers.push(Number(line.slice(4)));
    });
    answer.on('error', () => {}); // the API ends while it is read
  });
  asked.on('error', () => {});
  asked.end();
  after(() => asked.destroy());
  return { numbers, close: () => asked.destroy() };
}

/** Requests the stream and never reads the response. */
function deaf(path: string): void {
  const { hostname, port, host } = new URL(all.origin);
  const client = connect(Number(port), hostname);
  client.on('error', () => {});
  client.pause();
  client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  after(() => client.destroy());
}

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

test('16: hundreds of readers each get every event once and in order, those that never read cost no memory, and the API shuts down at once', {
  skip: process.platform !== 'linux' && 'memory is read from /proc',
}, async () => {
  all.api.start();
  await all.ready();
  const path = '/api/v1/events/stream?after=0';
  const readers = Array.from({ length: READERS }, () => reader(path));
  for (let i = 0; i < DEAF; i++) deaf(path);
  all.workers[0]!.start();
  const sweeps = [await all.queue(tinySpec({ configs: 2, seeds: 8, epochs: 1 }))];
  await all.finished();
  const before = residentMiB(all.api.pid ?? 0);
  for (let i = 1; i < 4; i++) {
    sweeps.push(await all.queue(tinySpec({ configs: 2, seeds: 8, epochs: 1, firstSeed: 100 * i })));
    await all.finished();
  }
  await assertKept(all, sweeps);
  const [log] = await all.rows<{ events: number }>('SELECT count(*)::int AS events FROM event');
  const events = log!.events;
  for (
    const deadline = performance.now() + 60_000;
    readers.some(({ numbers }) => numbers.length < events);
    await sleep(100)
  )
    assert.ok(
      performance.now() < deadline,
      `of ${events} events one reader got ${Math.min(...readers.map((r) => r.numbers.length))}`,
    );
  // More events may have followed the count, such as the end of the last sweep.
  for (const { numbers } of readers)
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
  const grown = residentMiB(all.api.pid ?? 0) - before;
  assert.ok(grown < GROWTH_MIB, `the API grew by ${grown.toFixed(0)} MiB`);
  assert.equal(await all.api.end('SIGTERM'), 0);
});

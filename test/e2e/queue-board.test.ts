/** The queue dashboard in a browser, while a real worker trains a sweep. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { install } from '@ablate/harness/installation';
import { Redis } from 'ioredis';
import { noChromium, openBrowser } from '../support/chromium.ts';

/** The first config trains; the second diverges in its first epoch. */
const SPEC = {
  version: 1,
  name: 'watched',
  dataset: { name: 'shapes10', samples: 640 },
  model: { family: 'vit', patchSize: 8, width: 24, depth: 1, heads: 2, mlpRatio: 2 },
  train: { epochs: 40, batchSize: 32, optimizer: { name: 'adamw', weightDecay: 10 }, schedule: { name: 'constant' } },
  seeds: [1],
  space: { 'train.optimizer.learningRate': [0.001, 1000] },
};

test('a sweep is watched from waiting to completed and failed, and again after a flush', {
  skip: noChromium,
}, async (t) => {
  const all = await install({ workers: 1 });
  t.after(() => all.close());
  all.api.start();
  await all.ready();
  const { id } = await all.submit(SPEC, 'watched');
  const runs = await all.rows<{ id: string; position: number }>('SELECT id, position FROM run ORDER BY position');
  const [trains, diverges] = ['watched · learningRate 0.001 · seed 1', 'watched · learningRate 1000 · seed 1'];

  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const foreign: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(all.origin) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const show = (status: string) => page.goto(`${all.origin}/queues/queue/runs?status=${status}`);
  const appears = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 60_000 });

  await show('waiting');
  await appears(trains);
  await appears(diverges);

  const worker = all.workers[0]!;
  worker.start();
  await all.until('it trains', `SELECT id FROM run WHERE (progress->>'epoch')::float8 > 1`);
  // The trainer is frozen, so that the run does not end before the page shows it.
  const trainers = worker.children();
  t.after(() => {
    for (const pid of trainers)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has exited with its worker
      }
  });
  for (const pid of trainers) process.kill(pid, 'SIGSTOP');
  await show('active');
  await appears(trains);
  await page
    .getByRole('tab', { name: 'Progress' })
    .or(page.getByRole('button', { name: 'Progress' }))
    .first()
    .click();
  await appears(/"?epoch"?: ?"\d+\.\d of 40"/);

  for (const pid of trainers) process.kill(pid, 'SIGCONT');
  await all.finished();
  await show('completed');
  await appears(trains);
  await appears(/testAccuracy/);
  await page
    .getByRole('tab', { name: 'Logs' })
    .or(page.getByRole('button', { name: 'Logs' }))
    .first()
    .click();
  await appears(/epoch 40: .*val\/accuracy/);

  await show('failed');
  await appears(diverges);
  await appears(/diverged: the loss was/);

  const link = page.locator(`a[href$="/runs/${runs[1]?.id}"]`).first();
  await page.goto(new URL((await link.getAttribute('href')) ?? '', all.origin).href);
  await appears(/^failed$/);
  assert.equal(await page.getByRole('link', { name: 'watched' }).getAttribute('href'), `/sweeps/${id}`);

  const redis = new Redis(all.redis.url());
  await redis.flushall();
  await redis.quit();
  await show('failed');
  await appears(diverges);
  assert.deepEqual([foreign, complaints], [[], []]);
});

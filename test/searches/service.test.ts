/** Searches in the service: real PostgreSQL, Redis, workers and training. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { queueSweep } from '@ablate/harness/queue-sweep';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { tinySpec } from '@ablate/harness/specs';
import { type Service, service } from '../support/service.ts';

const LOG = `SELECT number, kind, config, run, entry, inputs FROM decision WHERE sweep_id = $1 ORDER BY number`;
const ENDED = `SELECT id FROM sweep WHERE id = $1 AND NOT searching AND sweep_finished(id)`;

const compareSpec = (name: string) => ({
  ...tinySpec({ configs: 3, seeds: 2, epochs: 2, name }),
  search: { method: 'compare', maxSeeds: 3 },
});

const findSpec = (name: string) => {
  const { space: _, ...spec } = tinySpec({ seeds: 1, epochs: 6, name });
  return {
    ...spec,
    search: { method: 'find', samples: 7, sampler: 'tpe', parallel: 3 },
    space: {
      'train.optimizer.learningRate': { min: 0.0005, max: 0.01, scale: 'log' },
      'model.heads': [2, 3],
      'train.ema': { values: [0.9, 0.99], when: 'model.heads == 2' },
    },
    constraints: ['!(model.heads == 3 && train.optimizer.learningRate > 0.009)'],
    baseline: { 'train.optimizer.learningRate': 0.001, 'model.heads': 2, 'train.ema': 0.9 },
  };
};

async function searched({ db, until, rows }: Service, spec: unknown) {
  const id = await queueSweep(db, spec);
  await until('the search has ended', ENDED, [id]);
  return { id, log: await rows<{ kind: string }>(LOG, [id]) };
}

test('one worker and two workers make the same decisions', async (t) => {
  const installed = await service(t);
  const env = { ...simulatedTrainer({ seconds: 0.2 }), ABLATE_SLOTS: '1' };
  installed.worker(env);
  const alone = await Promise.all([searched(installed, compareSpec('same')), searched(installed, findSpec('same'))]);
  installed.worker(env);
  const both = await Promise.all([searched(installed, compareSpec('same')), searched(installed, findSpec('same'))]);
  for (const [i, { log }] of both.entries()) assert.deepEqual(log, alone[i]?.log);
});

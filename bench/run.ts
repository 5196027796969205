/** Training speed inside a run, submitted to a worker, beside the bare step of `train`: what a run loses to everything around the step. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Spec } from '@ablate/contracts';
import { install } from '@ablate/harness/installation';
import { z } from 'zod';
import { type RunResults, runTable } from './run/table.ts';
import { describeMachine } from './train/machine.ts';
import { measureCell } from './train/measure.ts';
import { WORKLOADS } from './train/workload.ts';

const WHOLE = { images: '5000', epochs: '2', rounds: '2' };
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'vit-l6,resnet20' },
    images: { type: 'string', default: WHOLE.images },
    epochs: { type: 'string', default: WHOLE.epochs },
    rounds: { type: 'string', default: WHOLE.rounds },
    out: { type: 'string', default: join(import.meta.dirname, 'results/run.json') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- run [options]
  --models LIST  of ${Object.keys(WORKLOADS).join(', ')} (vit-l6,resnet20)
  --images N     images of CIFAR-10, a tenth of them for validation (${WHOLE.images})
  --epochs N     (${WHOLE.epochs})
  --rounds N     how often each is timed, in turns (${WHOLE.rounds})
  --out FILE     results (bench/results/run.json)
Starts its own servers. Takes about ten minutes on two cores.`);
  process.exit(0);
}
const THREADS = 2;
const BATCH = 128;
const count = z.coerce.number().int().min(1);
const { images, epochs, rounds } = z.object({ images: count, epochs: count, rounds: count }).parse(values);
/** The models of `train` as a spec writes them. */
const WRITTEN = {
  'vit-l6': { family: 'vit', patchSize: 4, width: 192, depth: 6, heads: 3 },
  'vit-l12': { family: 'vit', patchSize: 4, width: 192, depth: 12, heads: 3 },
  resnet20: { preset: 'resnet20' },
  resnet18: { preset: 'resnet18', stem: 'cifar' },
};
const models = values.models.split(',').map((name) => {
  const [found, written] = [WORKLOADS[name], new Map(Object.entries(WRITTEN)).get(name)];
  if (!found || !written) throw new Error(`--models: "${name}" is unknown: some of ${Object.keys(WRITTEN).join(', ')}`);
  return { ...found, written };
});

const machine = describeMachine({});
const service = await install({
  env: { ABLATE_SLOTS: '1', ABLATE_THREADS: String(THREADS) },
  settings: {},
});
try {
  service.api.start();
  for (const worker of service.workers.slice(0, 1)) worker.start();
  await service.ready();
  await service.until('a worker is ready', 'SELECT id FROM worker WHERE stopped_at IS NULL LIMIT 1');
  const measured: RunResults['measured'] = models.map(({ title }) => ({ model: title, step: [], run: [] }));
  for (let round = 0; round < rounds; round++)
    for (const [i, { title, model, optimizer, written }] of models.entries()) {
      const spec = Spec.parse({
        version: 1,
        name: `${title}, round ${round}`,
        dataset: { name: 'cifar10', samples: images, validation: 0.1, splitSeed: 0 },
        model: written,
        train: { epochs, batchSize: BATCH, optimizer },
        augment: 'flip',
        seeds: [round + 1],
      });
      const id = await service.queue(spec);
      await service.finished();
      const [run] = await service.rows<{ speed: number; state: string; message: string | null }>(
        'SELECT samples_per_second AS speed, state, message FROM run WHERE sweep_id = $1',
        [id],
      );
      if (run?.state !== 'succeeded') throw new Error(`${title}: the run is ${run?.state}: ${run?.message}`);
      const task = {
        model,
        optimizer,
        batchSize: BATCH,
        precision: 'fp32',
        threads: THREADS,
        evaluate: false,
      } as const;
      const cell = { title, task, engines: ['ablate'] as ['ablate'], python: null };
      const { rows } = await measureCell(cell, { rounds: 3, seconds: 4, steps: null }, console.error);
      const one = measured[i];
      one?.run.push(Number(run.speed));
      one?.step.push(...rows.map(({ samplesPerSecond }) => samplesPerSecond));
      console.error(`${title}: ${run.speed.toFixed(0)} in the run, ${one?.step.at(-1)?.toFixed(0)} by the bench`);
    }
  const results: RunResults = { images, epochs, measured, machine };
  const out = resolve(values.out);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
  console.log(runTable(results));
  console.error(`results: ${out}`);
} finally {
  await service.close();
}

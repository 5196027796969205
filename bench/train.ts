/** Training speed, memory and time to the first step of plain tf.js, Ablate, PyTorch eager and torch.compile. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Precision } from '@ablate/contracts';
import { z } from 'zod';
import { ENGINES, Engine } from './train/engines.ts';
import { describeMachine } from './train/machine.ts';
import { type Effort, measureCell } from './train/measure.ts';
import { type Row, readResults, sameCell, writeResults } from './train/results.ts';
import { report } from './train/table.ts';
import { WORKLOADS } from './train/workload.ts';

/** Load average above which other programs use the machine too. */
const BUSY = 0.5;
const repository = resolve(import.meta.dirname, '..');
const USAGE = `npm run bench -- train [options]

  --models     comma-separated, of ${Object.keys(WORKLOADS).join(', ')} (all)
  --engines    comma-separated, of ${Engine.options.join(', ')} (all)
  --precision  comma-separated, of fp32, bf16 (both)
  --threads    comma-separated numbers of cores (2,1)
  --evaluate   evaluate batches instead of training on them
  --batch      images in a batch (128)
  --rounds     rounds; each engine takes one turn in each (5)
  --seconds    length of a turn (2)
  --steps      steps of a turn, instead of --seconds
  --out        file of the results (bench/results/train.json, or evaluate.json, for a complete run, otherwise in .ablate/bench)
  --keep       keep rows of the file that are not measured again
  --json       print the rows instead of the table
  --dry-run    print what would run, and an estimate of the time

BENCH_PYTHON is the path of a Python with torch; without it, PyTorch is skipped.`;

const list = (allowed: readonly string[], fallback: readonly string[] = allowed) =>
  z
    .string()
    .default(fallback.join(','))
    .transform((text) => text.split(','))
    .refine((names) => names.every((name) => allowed.includes(name)), `must be some of ${allowed.join(', ')}`);
const count = z.coerce.number().int().min(1);
const Options = z.object({
  models: list(Object.keys(WORKLOADS)),
  engines: list(Engine.options).transform((names) => names.map((name) => Engine.parse(name))),
  precision: list(Precision.options).transform((names) => names.map((name) => Precision.parse(name))),
  threads: z
    .string()
    .default([...new Set([Math.min(2, availableParallelism()), 1])].join(','))
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.int().min(1).max(availableParallelism()))),
  batch: count.default(128),
  rounds: count.default(5),
  seconds: z.coerce.number().positive().default(2),
  steps: count.optional(),
  out: z.string().optional(),
  evaluate: z.boolean().default(false),
  keep: z.boolean().default(false),
  json: z.boolean().default(false),
  'dry-run': z.boolean().default(false),
});
const Env = z.object({ BENCH_PYTHON: z.string().min(1).optional() });

const string = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: {
    models: string,
    engines: string,
    precision: string,
    threads: string,
    batch: string,
    rounds: string,
    seconds: string,
    steps: string,
    out: string,
    evaluate: flag,
    keep: flag,
    json: flag,
    'dry-run': flag,
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const parsed = Options.safeParse(values);
if (!parsed.success) {
  console.error(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
  process.exit(1);
}
const { models, engines, precision, threads, batch, rounds, seconds, steps, json, evaluate, ...options } = parsed.data;
const python = Env.parse(process.env).BENCH_PYTHON ?? null;
const effort: Effort = { rounds, seconds, steps: steps ?? null };

const cells = threads.flatMap((cores) =>
  precision.flatMap((kind) =>
    models.flatMap((name) => {
      const workload = WORKLOADS[name];
      if (!workload) return [];
      const { title, model, optimizer, stepSeconds } = workload;
      const task = { model, optimizer, batchSize: batch, precision: kind, threads: cores, evaluate };
      return [{ title, engines, python, task, stepSeconds: (stepSeconds * batch) / 128 / cores }];
    }),
  ),
);

/** Seconds for start, turns and their unmeasured steps; an engine with mostRounds counts as four times slower. */
function estimate({ task, stepSeconds }: (typeof cells)[number]): number {
  const surroundings = { cache: '', python };
  const running = engines.filter((engine) => ENGINES[engine].obstacle(task, surroundings) === null);
  return running.reduce((sum, engine) => {
    const slow = ENGINES[engine].mostRounds < Number.POSITIVE_INFINITY;
    const step = stepSeconds * (slow ? 4 : 1);
    const turn = Math.max(steps ? 0 : seconds, (steps ?? 2) * step) + step;
    const start = engine === 'torch-compile' ? 60 : 8;
    return sum + start + 5 * step + Math.min(rounds, ENGINES[engine].mostRounds) * turn;
  }, 0);
}

const describe = (cell: (typeof cells)[number]): string =>
  `${cell.title}, ${cell.task.precision}, ${cell.task.threads} ${cell.task.threads === 1 ? 'thread' : 'threads'}`;
const minutes = (total: number): string => `about ${Math.ceil(total / 60)} min`;

if (options['dry-run']) {
  for (const cell of cells) console.log(`${describe(cell)}: ${engines.join(', ')}; ${minutes(estimate(cell))}`);
  if (python === null) console.log('BENCH_PYTHON is not set: PyTorch would be skipped');
  console.log(`total: ${minutes(cells.reduce((sum, cell) => sum + estimate(cell), 0))}`);
  process.exit(0);
}

const complete =
  cells.length === Object.keys(WORKLOADS).length * 4 && engines.length === Engine.options.length && python;
const file = resolve(
  options.out ??
    resolve(repository, complete ? 'bench/results' : '.ablate/bench', evaluate ? 'evaluate.json' : 'train.json'),
);
const log = (line: string): void => console.error(line);
let rows: Row[] = [];
const versions: Record<string, string> = {};
const kept = options.keep && existsSync(file) ? readResults(file) : null;
if (kept) {
  rows = kept.rows;
  Object.assign(versions, kept.machine.versions);
}

const { loadBefore } = describeMachine({});
if (loadBefore > BUSY) log(`the machine is busy (load ${loadBefore.toFixed(1)}): results will be too low`);

for (const [index, cell] of cells.entries()) {
  const left = cells.slice(index).reduce((sum, next) => sum + estimate(next), 0);
  log(`${index + 1} of ${cells.length}: ${describe(cell)} (${minutes(left)} left)`);
  const measured = await measureCell(cell, effort, log);
  rows = [...rows.filter((old) => !measured.rows.some((row) => sameCell(row, old))), ...measured.rows];
  Object.assign(versions, measured.versions);
  writeResults(file, rows, describeMachine(versions)); // after each cell: an interrupted bench keeps its results
}
console.log(json ? JSON.stringify(rows, null, 2) : report(rows, describeMachine(versions)));
log(`written to ${file}`);

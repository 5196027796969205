/** Submission, dispatch and bookkeeping at volume with simulated trainers, compared with Optuna and Ray Tune. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '@ablate/statistics';
import { install } from './queue/installation.ts';
import { bookkeeping, latency, noWork, resultsWritten, SLOTS, submission } from './queue/measures.ts';
import { type Measured, Measures, type QueueResults, readQueueResults, TARGETS, withRows } from './queue/results.ts';
import { optunaRate, rayRate } from './queue/rivals.ts';
import { queueTable } from './queue/table.ts';
import { describeMachine } from './train/machine.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '10000' },
    'no-work': { type: 'string', default: '3000' },
    trials: { type: 'string', default: '600' },
    out: { type: 'string' },
    update: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
const whole = values.only === undefined && values.runs === '10000';
if (values.help) {
  console.log(`npm run bench -- queue [options]
  --only LIST    some of: ${Measures.options.join(', ')}
  --runs N       runs of one second in "bookkeeping" (10000: about eleven minutes)
  --no-work N    runs of no work (3000)
  --trials N     trials of Optuna; Ray Tune gets a quarter (600)
  --out FILE     results (bench/results/queue.json for a complete run, otherwise .ablate/bench/queue.json)
  --update       put the results of --only in the place of the earlier ones in bench/results/queue.json
  --dry-run      print what would be measured
BENCH_PYTHON is the path of a Python with optuna, psycopg2 and ray[tune]; without it, they are skipped. The bench starts its own servers.`);
  process.exit(0);
}
const number = (name: 'runs' | 'no-work' | 'trials'): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: must be a whole number of at least 1`);
  return value;
};
const [runs, noWorkRuns, trials] = [number('runs'), number('no-work'), number('trials')];
const wanted =
  values.only === undefined ? Measures.options : values.only.split(',').map((name) => Measures.parse(name));
const python = process.env.BENCH_PYTHON;
if (values['dry-run']) {
  console.log(
    `would measure: ${wanted.join(', ')}; Optuna and Ray Tune: ${python ?? 'skipped, BENCH_PYTHON is not set'}`,
  );
  process.exit(0);
}

const measured: Measured[] = [];
const versions: Record<string, string> = {};
const add = (name: Measured['name'], value: number | null, notes = ''): void => {
  if (value === null) return;
  const row = { name, value, notes };
  measured.push(row);
  console.error(`${TARGETS[name].what}: ${TARGETS[name].show(value)}`);
};
const machine = describeMachine(versions);

const { db, close, clear, ...service } = await install();
const installation = { db, close, clear, ...service };
try {
  for (const measure of wanted) {
    await clear();
    console.error(`${measure} …`);
    if (measure === 'submission') {
      const { checked, accepted, queued, peakMiB } = await submission(installation, 100_000);
      const spread = `${Math.min(...accepted).toFixed(2)}–${Math.max(...accepted).toFixed(2)} s`;
      add(
        'accepted',
        median(accepted),
        `median of ${accepted.length}: ${spread}; checked in ${checked.toFixed(2)} s before`,
      );
      add('queued', queued);
      add('apiPeak', peakMiB);
    } else if (measure === 'latency') add('latency', await latency(installation, 15));
    else if (measure === 'bookkeeping')
      add(
        'bookkeeping',
        (await bookkeeping(installation, runs, 1)) * (10_000 / runs),
        runs === 10_000 ? '' : `scaled up from ${runs} runs`,
      );
    else if (measure === 'results') {
      const { perSecond, points, bytes } = await resultsWritten(installation, 1_200);
      add('results', perSecond, `over 15 s, ${SLOTS} slots, 6 values each: ${Math.round(points)} values/s`);
      add('bytesLong', bytes);
    } else {
      const { perSecond, bytes } = await noWork(installation, noWorkRuns);
      add('noWork', perSecond, `${noWorkRuns} runs, ${SLOTS} slots`);
      add('bytesShort', bytes);
      if (python === undefined) continue;
      const { databaseUrl } = installation;
      for (const processes of [1, 4]) {
        const name = processes === 1 ? 'optuna1' : 'optuna4';
        const optuna = await optunaRate(python, { databaseUrl, processes, trials });
        versions.optuna = optuna.version;
        add(name, optuna.perSecond, `${trials} trials, the same PostgreSQL`);
      }
      const ray = await rayRate(python, { slots: SLOTS, trials: Math.ceil(trials / 4) });
      versions['ray[tune]'] = ray.version;
      add('ray', ray.perSecond, `${Math.ceil(trials / 4)} trials, ${SLOTS} slots`);
    }
  }
} finally {
  await close();
}

const RESULTS = resolve(import.meta.dirname, 'results/queue.json');
const found: QueueResults = { measured, machine: { ...machine, versions } };
const results = values.update ? withRows(readQueueResults(RESULTS), found) : found;
const file = resolve(values.out ?? (whole || values.update ? RESULTS : '.ablate/bench/queue.json'));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(queueTable(results));

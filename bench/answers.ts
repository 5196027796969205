/** How long answers take: 100,000 runs and 10 million metric points on PostgreSQL with its default settings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, SHAPES } from './answers/fill.ts';
import { latencies } from './answers/latencies.ts';
import { askMlflow } from './answers/mlflow.ts';
import { answersTable } from './answers/table.ts';
import { install } from './queue/installation.ts';
import { describeMachine } from './train/machine.ts';

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '50' },
    small: { type: 'boolean', default: false },
    out: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- answers [options]
  --repeats N    requests of each kind (50)
  --small        a tenth of the runs and points
  --out FILE     results (bench/results/answers.json for a complete run, otherwise .ablate/bench/answers.json)
  --dry-run      print what would be measured
BENCH_PYTHON is the path of a Python with mlflow and psycopg2; without it, MLflow is skipped. The bench starts its own servers. A
complete run takes about five minutes on an idle machine, and four more with MLflow.`);
  process.exit(0);
}
const repeats = Number(values.repeats);
if (!Number.isInteger(repeats) || repeats < 1) throw new Error('--repeats: must be a whole number of at least 1');
const python = process.env.BENCH_PYTHON;
if (values['dry-run']) {
  console.log(
    `would write sweeps of ${SHAPES.map(({ configs, seeds }) => (configs * seeds) / (values.small ? 10 : 1)).join(', ')} runs and ask each question ${repeats} times; MLflow: ${python ?? 'skipped, BENCH_PYTHON is not set'}`,
  );
  process.exit(0);
}
const out = resolve(
  values.out ??
    (values.small || repeats !== 50
      ? '.ablate/bench/answers.json'
      : resolve(import.meta.dirname, 'results/answers.json')),
);

const installation = await install();
try {
  console.error('writing runs and metric points …');
  const begun = performance.now();
  const filled = await fill(installation, { scale: values.small ? 10 : 1 });
  console.error(
    `written in ${((performance.now() - begun) / 1000).toFixed(0)} s: ${filled.runs} runs, ${filled.points} points`,
  );
  const measured = await latencies(installation, filled, { repeats, log: (line) => console.error(line) });
  const mlflow = python === undefined ? null : await askMlflow(python, installation, { runs: 2_000, repeats });
  const machine = describeMachine(mlflow === null ? {} : { mlflow: mlflow.version });
  const { runs, points } = filled;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ runs, points, repeats, measured, mlflow, machine }, null, 2)}\n`);
  console.log(answersTable({ runs, points, repeats, measured, mlflow, machine }));
  console.error(`results: ${out}`);
} finally {
  await installation.close();
}

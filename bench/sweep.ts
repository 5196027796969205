/** A whole sweep as a user waits for it: Ablate, PyTorch scripts, Ray Tune and Optuna, from the command to the result. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { WAYS, type WayName } from './sweep/engines.ts';
import { writeImages } from './sweep/images.ts';
import { runsOf, sweepSpec } from './sweep/runs.ts';
import { SweepResults, sweepTable } from './sweep/table.ts';
import { describeMachine } from './train/machine.ts';

const WHOLE = { images: '5000', epochs: '2', seeds: '2', rounds: '1' };
const { values } = parseArgs({
  options: {
    images: { type: 'string', default: WHOLE.images },
    epochs: { type: 'string', default: WHOLE.epochs },
    seeds: { type: 'string', default: WHOLE.seeds },
    rounds: { type: 'string', default: WHOLE.rounds },
    only: { type: 'string' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
const names = Object.keys(WAYS) as [WayName, ...WayName[]];
if (values.help) {
  console.log(`npm run bench -- sweep [options]
  --images N   images of CIFAR-10, a tenth of them for validation (${WHOLE.images})
  --epochs N   (${WHOLE.epochs})
  --seeds N    of each of six configs (${WHOLE.seeds})
  --rounds N   how often each way is timed, in turns (${WHOLE.rounds})
  --only LIST  some of: ${names.join(', ')}
  --out FILE   results (bench/results/sweep.json for a complete run, otherwise .ablate/bench/sweep.json)
  --keep       keep what the file has of other ways, of the same size
  --dry-run    print what would be measured
BENCH_PYTHON is the path of a Python with torch, numpy, optuna and ray[tune]; without it, only Ablate is timed.
A complete run takes one to two hours on two cores.`);
  process.exit(0);
}
const count = z.coerce.number().int().min(1);
const { rounds, ...size } = z.object({ images: count, epochs: count, seeds: count, rounds: count }).parse(values);
const python = process.env.BENCH_PYTHON;
const wanted = (values.only?.split(',').map((name) => z.enum(names).parse(name)) ?? names).filter(
  (name) => python !== undefined || !WAYS[name].rival,
);
const whole =
  values.only === undefined &&
  Object.entries(WHOLE).every(([name, value]) => value === String({ ...size, rounds }[name as keyof typeof WHOLE]));
const spec = sweepSpec(size);
const runs = runsOf(spec).length;
if (values['dry-run']) {
  console.log(
    `would train ${runs} runs with each of ${wanted.join(', ')}, ${rounds} times${python === undefined ? '; the others are skipped: BENCH_PYTHON is not set' : ''}`,
  );
  process.exit(0);
}
const out = resolve(
  values.out ?? (whole && python ? join(import.meta.dirname, 'results/sweep.json') : '.ablate/bench/sweep.json'),
);

const machineBefore = describeMachine({});
const folder = await mkdtemp(join(tmpdir(), 'ablate-sweep-'));
try {
  await writeImages(spec, folder);
  const kept = values.keep && existsSync(out) ? SweepResults.parse(JSON.parse(readFileSync(out, 'utf8'))) : null;
  const isSame = JSON.stringify(kept?.size) === JSON.stringify(size);
  if (kept && !isSame) throw new Error(`--keep: ${out} is of another size: ${JSON.stringify(kept.size)}`);
  const measured: SweepResults['measured'] = kept?.measured.filter(({ name }) => !wanted.includes(name)) ?? [];
  const versions: Record<string, string> = { ...kept?.machine.versions };
  const results: SweepResults = { size, runs, measured, machine: { ...machineBefore, versions } };
  mkdirSync(dirname(out), { recursive: true });
  for (let round = 0; round < rounds; round++)
    for (const name of wanted) {
      console.error(`${WAYS[name].what} …`);
      const { seconds, peakMiB, accuracies, torch } = await WAYS[name].train({ spec, folder, python: python ?? '' });
      if (torch) versions.torch = torch;
      const found = measured.find((one) => one.name === name);
      if (found) {
        found.seconds.push(seconds);
        found.peakMiB = Math.max(found.peakMiB ?? 0, peakMiB ?? 0) || null;
      } else measured.push({ name, seconds: [seconds], peakMiB, accuracies });
      console.error(`${WAYS[name].what}: ${seconds.toFixed(1)} s, ${peakMiB} MiB`);
      writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`); // an interrupted bench keeps what was measured
    }
  console.log(sweepTable(results));
  console.error(`results: ${out}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

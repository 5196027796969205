/** Samples per second of the loader, and of torchvision with a DataLoader with the same number of processes. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openImages } from './data/images.ts';
import { packingSeconds } from './data/packing.ts';
import { type DataResults, dataTable } from './data/results.ts';
import { type Task, WORKS, Work } from './data/task.ts';
import { startChild } from './train/child.ts';
import { describeMachine } from './train/machine.ts';

const RESULTS = resolve(import.meta.dirname, 'results/data.json');
const USAGE = `npm run bench -- data [options]

  --work     comma-separated, of ${Work.options.join(', ')} (all)
  --threads  threads that make batches, and processes of the DataLoader (${Math.min(2, availableParallelism())})
  --rounds   rounds; both take one turn in each (5)
  --seconds  length of a turn (2)
  --out      file of the results (bench/results/data.json for all work, otherwise .ablate/bench/data.json)

Images are those of CIFAR-10 and, for JPEG, mosaics of Tiny ImageNet images.
BENCH_PYTHON is the path of a Python with torch and torchvision; without it, only the loader is measured.`;

const count = z.coerce.number().int().min(1);
const Options = z.object({
  work: z
    .string()
    .default(Work.options.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(Work)),
  threads: count.default(Math.min(2, availableParallelism())),
  rounds: count.default(5),
  seconds: z.coerce.number().positive().default(2),
  out: z.string().min(1).optional(),
});
const Env = z.object({ BENCH_PYTHON: z.string().min(1).optional() });

const string = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    work: string,
    threads: string,
    rounds: string,
    seconds: string,
    out: string,
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
const { work, threads, rounds, seconds, out } = parsed.data;
const python = Env.parse(process.env).BENCH_PYTHON;
if (python !== undefined && !existsSync(resolve(python))) throw new Error(`BENCH_PYTHON: ${python} does not exist`);
if (python === undefined) console.error('BENCH_PYTHON is not set: torchvision is skipped');

const folder = mkdtempSync(join(tmpdir(), 'ablate-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const imagesOf = openImages(folder);
const here = resolve(import.meta.dirname, 'data');
const script = join(here, 'torch_data.py');

async function commands(work: Work) {
  const { batch: batchSize, images, torchReads } = WORKS[work];
  const task: Task = { work, batchSize, threads, images: await imagesOf(images) };
  const ours = { words: [process.execPath, '--import', 'tsx', join(here, 'ablate.ts'), JSON.stringify(task)], env: {} };
  if (python === undefined) return { ablate: ours };
  const theirs = JSON.stringify({ ...task, ...(torchReads && { images: await imagesOf(torchReads) }) });
  const env = { PYTHONDONTWRITEBYTECODE: '1' };
  const backend = z.string().parse(
    JSON.parse(
      execFileSync(python, [script, 'calibrate', theirs], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      }),
    ),
  );
  return { ablate: ours, torchvision: { words: [python, script, 'run', theirs, backend], env } };
}

type Measured = {
  name: string;
  rates: number[];
  peak: number | null;
  notes: string[];
  versions: Record<string, string>;
};

/** Both processes live through all rounds. One runs while the other is idle: its batches ahead are made and not consumed. */
async function measure(work: Work): Promise<Measured[]> {
  const entrants = [];
  try {
    for (const [name, command] of Object.entries(await commands(work))) {
      const child = await startChild(command, threads);
      const warm = await child.run(4);
      entrants.push({
        name,
        child,
        steps: Math.max(4, Math.ceil((seconds * warm.steps) / warm.seconds)),
        rates: [] as number[],
      });
    }
    for (let round = 0; round < rounds; round++)
      for (const { child, steps, rates } of round % 2 === 0 ? entrants : entrants.toReversed()) {
        const stepped = await child.run(steps);
        rates.push((stepped.steps * WORKS[work].batch) / stepped.seconds);
      }
    const found = entrants.map(({ name, child, rates }) => ({
      name,
      rates,
      peak: child.peakMemoryMiB(),
      ...child.ready,
    }));
    for (const { child } of entrants) await child.end();
    return found;
  } finally {
    for (const { child } of entrants) child.kill();
  }
}

const versions: Record<string, string> = {};
const measured: DataResults['measured'] = [];
for (const kind of work) {
  console.error(`${WORKS[kind].title}: about ${Math.ceil(rounds * seconds * 2 + 20)} s`);
  const found = await measure(kind);
  const of = (name: string) => {
    const one = found.find((loader) => loader.name === name);
    if (!one) return null;
    Object.assign(versions, one.versions);
    return { rates: one.rates, peak: one.peak, notes: one.notes };
  };
  const [ablate, torchvision] = [of('ablate'), of('torchvision')];
  if (ablate) measured.push({ work: kind, ablate, torchvision });
}
const packing = await packingSeconds(folder);
const results: DataResults = { threads, measured, packing, machine: describeMachine(versions) };
const isWhole = work.length === Work.options.length;
const file = resolve(out ?? (isWhole ? RESULTS : '.ablate/bench/data.json'));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(dataTable(results));

/** The ways to train the sweep that are compared, and what each costs: seconds from the command to its result, and memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Spec } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { install } from '@ablate/harness/installation';
import { z } from 'zod';
import { watchMemory } from './memory.ts';
import { type BenchRun, runsOf, TRAIN_IMAGES } from './runs.ts';

export type Sweep = { spec: Spec; folder: string; python: string };

export type Trained = { seconds: number; peakMiB: number | null; accuracies: number[]; torch?: string };

type Way = {
  what: string;
  /** Whether it is one of the ways that Ablate is compared with. */
  rival: boolean;
  train: (sweep: Sweep) => Promise<Trained>;
};

const Accuracies = z.object({ accuracies: z.array(z.number()), torch: z.string() });
const Answer = z.object({
  rows: z.array(z.object({ position: z.int(), values: z.array(z.object({ seed: z.int(), value: z.number() })) })),
});

/** Runs a command to its end; throws if it fails. Its complaints are shown, its output is returned. */
async function output(words: string[], env: Record<string, string>): Promise<string> {
  const [file = '', ...rest] = words;
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return printed;
}

/** From the command to its end, with the memory of everything that this process has started. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number; peakMiB: number | null }> {
  const memory = watchMemory();
  const begun = performance.now();
  try {
    const result = await work();
    return { result, seconds: (performance.now() - begun) / 1000, peakMiB: memory.stop() };
  } finally {
    memory.stop();
  }
}

/** The service is running, as `npm start` leaves it: what is timed is `ablate submit --wait`, from the command to the printed table. */
const ablate =
  (slots: number | 'auto'): Way['train'] =>
  async ({ spec, folder }) => {
    const service = await install({ env: { ABLATE_SLOTS: String(slots) }, settings: {} });
    try {
      service.api.start();
      for (const worker of service.workers) worker.start();
      await service.ready();
      await service.until('a worker is ready', 'SELECT id FROM worker WHERE stopped_at IS NULL LIMIT 1');
      const file = join(folder, 'sweep.json');
      writeFileSync(file, JSON.stringify(spec));
      const { seconds, peakMiB } = await timed(() =>
        output([process.execPath, join(REPOSITORY, 'scripts/cli.mjs'), 'submit', file, '--wait'], {
          ABLATE_API_URL: service.origin,
        }),
      );
      const [sweep] = await service.rows<{ id: string }>('SELECT id FROM sweep LIMIT 1');
      const answer = Answer.parse(await (await fetch(`${service.origin}/api/v1/sweeps/${sweep?.id}/answer`)).json());
      const of = (position: number, seed: number): number => {
        const found = answer.rows.find((row) => row.position === position)?.values.find((one) => one.seed === seed);
        if (found === undefined) throw new Error(`config ${position}, seed ${seed} has no result`);
        return found.value;
      };
      const positions = answer.rows.map(({ position }) => position).sort((a, b) => a - b);
      return {
        seconds,
        peakMiB,
        accuracies: spec.seeds.flatMap((seed) => positions.map((position) => of(position, seed))),
      };
    } finally {
      await service.close();
    }
  };

const torch =
  (mode: 'script' | 'compile' | 'optuna' | 'ray', { threads, processes }: { threads: number; processes: number }) =>
  async ({ spec, folder, python }: Sweep): Promise<Trained> => {
    const { epochs, batchSize } = z
      .object({ epochs: z.int(), batchSize: z.int() })
      .parse({ epochs: 1, batchSize: 128, ...spec.train });
    const runs: BenchRun[] = runsOf(spec);
    const request = JSON.stringify({ folder, runs, epochs, batchSize, trainImages: TRAIN_IMAGES, threads, processes });
    const { result, seconds, peakMiB } = await timed(() =>
      output([python, join(import.meta.dirname, 'torch_sweep.py'), mode, request], {
        OMP_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
        TORCHINDUCTOR_CACHE_DIR: join(folder, 'inductor'),
        PYTHONDONTWRITEBYTECODE: '1',
        RAY_DISABLE_METRICS_COLLECTION: '1',
        RAY_USAGE_STATS_ENABLED: '0',
      }),
    );
    const line = result.trim().split('\n').at(-1) ?? '';
    return { seconds, peakMiB, ...Accuracies.parse(JSON.parse(line)) };
  };

const one = { threads: 2, processes: 1 };
const two = { threads: 1, processes: 2 };

/** On two cores. */
export const WAYS = {
  ablate: { what: 'Ablate as shipped, ABLATE_SLOTS=auto', rival: false, train: ablate('auto') },
  'ablate-1': { what: 'Ablate, ABLATE_SLOTS=1: one run on two cores', rival: false, train: ablate(1) },
  'ablate-2': { what: 'Ablate, ABLATE_SLOTS=2: two runs on a core each', rival: false, train: ablate(2) },
  script: { what: 'PyTorch script, one run after the other', rival: true, train: torch('script', one) },
  compile: { what: 'the same with torch.compile', rival: true, train: torch('compile', one) },
  'ray-1': { what: 'Ray Tune, one run on two cores', rival: true, train: torch('ray', one) },
  'ray-2': { what: 'Ray Tune, two runs on a core each', rival: true, train: torch('ray', two) },
  optuna: { what: 'Optuna, two processes on a core each', rival: true, train: torch('optuna', two) },
} as const satisfies Record<string, Way>;
export type WayName = keyof typeof WAYS;

/** The engines that are compared: the command of each, and why it cannot run. */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Command, launch } from './child.ts';
import type { Task } from './workload.ts';

export const Engine = z.enum(['tfjs-eager', 'ablate', 'torch-eager', 'torch-compile']);
export type Engine = z.infer<typeof Engine>;

/** The compilation cache of a cell's processes, and the Python with torch (null: not set). */
export type Surroundings = { cache: string; python: string | null };

const here = import.meta.dirname;
const nodeScript = (name: string, task: Task, env: Record<string, string>): Command => ({
  words: [process.execPath, '--import', 'tsx', join(here, `${name}.ts`), JSON.stringify(task)],
  env,
});

const Way = z.strictObject({ layout: z.string(), optimizer: z.string() });
/** The memory layout and optimizer implementation with which PyTorch is fastest. */
export type Way = z.infer<typeof Way>;

const torchScript = (task: Task, { cache, python }: Surroundings, mode: string, way?: Way): Command => ({
  words: [
    python ?? '',
    join(here, 'torch_train.py'),
    mode,
    JSON.stringify(task),
    ...(way ? [JSON.stringify(way)] : []),
  ],
  env: { TORCHINDUCTOR_CACHE_DIR: join(cache, 'inductor'), PYTHONDONTWRITEBYTECODE: '1' },
});

/** Finds the fastest way for PyTorch, in a process of its own, so that trials do not count as memory used. */
export async function calibrateTorch(task: Task, surroundings: Surroundings): Promise<Way> {
  const { line } = launch(torchScript(task, surroundings, 'calibrate'), task.threads);
  return Way.parse(JSON.parse(await line()));
}

type EngineRow = {
  /** Maximum number of rounds, to save time with a slow engine. */
  mostRounds: number;
  usesTorch: boolean;
  /** Why the engine cannot run a task; null if it can. */
  obstacle: (task: Task, surroundings: Surroundings) => string | null;
  command: (task: Task, surroundings: Surroundings, way: Way | null) => Command;
};

const noTorch = ({ python }: Surroundings): string | null => {
  if (python === null) return 'BENCH_PYTHON is not set';
  return existsSync(resolve(python)) ? null : `BENCH_PYTHON: ${python} does not exist`;
};
const torch = (mode: 'eager' | 'compile'): EngineRow => ({
  mostRounds: Number.POSITIVE_INFINITY,
  usesTorch: true,
  obstacle: (_, surroundings) => noTorch(surroundings),
  command: (task, surroundings, way) => torchScript(task, surroundings, mode, way ?? undefined),
});

export const ENGINES: Readonly<Record<Engine, EngineRow>> = {
  'tfjs-eager': {
    mostRounds: 3,
    usesTorch: false,
    obstacle: ({ precision, evaluate }) => {
      if (evaluate) return 'its evaluation is not measured';
      return precision === 'bf16' ? 'tf.js has no bfloat16' : null;
    },
    command: (task) => nodeScript('tfjs-eager', task, { TF_CPP_MIN_LOG_LEVEL: '2', CUDA_VISIBLE_DEVICES: '-1' }),
  },
  ablate: {
    mostRounds: Number.POSITIVE_INFINITY,
    usesTorch: false,
    obstacle: () => null,
    command: (task, { cache }) => {
      const home = join(cache, 'ablate');
      mkdirSync(home, { recursive: true });
      return nodeScript('ablate', task, { ABLATE_HOME: home, ABLATE_DEVICE: 'cpu' });
    },
  },
  'torch-eager': torch('eager'),
  'torch-compile': torch('compile'),
};

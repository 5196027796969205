/** `--run`: the weights are the best checkpoint of a run. Loads no TensorFlow. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { z } from 'zod';
import { bestCheckpoint, downloadCheckpoint } from '../checkpoint-file.ts';
import type { Context } from '../command.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { parseOptions } from './options.ts';

const RunOption = z.looseObject({
  run: z.string().min(1).optional(),
  weights: z.string().optional(),
  seed: z.string().optional(),
  sha256: z.string().optional(),
});

/** Calls `work` with the best checkpoint of a run: a temporary file, removed at the end. */
export async function withBestCheckpoint<T>(
  run: string,
  context: Context,
  work: (weights: string) => Promise<T>,
): Promise<T> {
  const best = await bestCheckpoint(run, context);
  const accuracy = best.valAccuracy === null ? '' : `, validation ${formatPercent(best.valAccuracy)} %`;
  context.log(`run ${best.runId}: best checkpoint, epoch ${best.epoch}${accuracy}, ${formatBytes(best.bytes)}`);
  const folder = await mkdtemp(join(tmpdir(), 'ablate-run-'));
  try {
    const weights = join(folder, `${best.runId}-best.safetensors`);
    await downloadCheckpoint(best, weights, context);
    return await work(weights);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Calls `work` with the options, and, if they have `run`, with that run's best checkpoint as `weights`. */
export async function withRunWeights(
  options: unknown,
  context: Context,
  work: (options: unknown) => Promise<void>,
): Promise<void> {
  const parsed = parseOptions(RunOption, options);
  const { run } = parsed;
  if (run === undefined) return work(options);
  for (const name of ['weights', 'seed', 'sha256'] as const)
    if (parsed[name] !== undefined) throw new UserError(`--run and --${name} exclude each other`, 'usage');
  await withBestCheckpoint(run, context, (weights) => work({ ...parsed, weights }));
}

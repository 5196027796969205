/** Which GPU a slot's trainer sees. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The GPUs that this worker may use, as CUDA_VISIBLE_DEVICES names them: its own list if it has one, else all; none without a driver. */
export async function listGpus(env: NodeJS.ProcessEnv): Promise<string[]> {
  const named = env.CUDA_VISIBLE_DEVICES;
  if (named !== undefined) return named.split(',').flatMap((gpu) => gpu.trim() || []);
  const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
    timeout: 10_000,
  }).catch(() => ({ stdout: '' })); // no driver, no GPU;
  return stdout.split('\n').flatMap((line) => line.trim() || []);
}

/** A slot's environment: one GPU each, shared in turn where there are more slots than GPUs. Nothing changes where there is none. */
export const slotEnvironment = (env: NodeJS.ProcessEnv, slot: number, gpus: readonly string[]): NodeJS.ProcessEnv =>
  gpus.length === 0 ? env : { ...env, CUDA_VISIBLE_DEVICES: gpus[slot % gpus.length] };

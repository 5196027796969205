/** NVIDIA GPUs of this machine, as the driver shows them, without TensorFlow. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { settings } from './env.ts';

/** Whether this process can see an NVIDIA GPU: a device file exists, and CUDA_VISIBLE_DEVICES does not hide all of them. */
export const hasGpu = (): boolean =>
  settings().gpuVisible &&
  existsSync('/dev') &&
  readdirSync('/dev').some((name) => /^nvidia\d+$/.test(name) || name === 'dxg');

/** Name and compute capability of the first GPU, from nvidia-smi; null if that is missing or fails. */
export function describeGpu(): { name: string; capability: number } | null {
  try {
    const text = execFileSync('nvidia-smi', ['--query-gpu=name,compute_cap', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [name, capability] = (text.split('\n')[0] ?? '').split(', ');
    return name && capability ? { name, capability: Number(capability) } : null;
  } catch {
    return null; // not installed, or no driver: the caller reports it
  }
}

/** NVIDIA GPUs of this machine, as the driver shows them; TensorFlow is not asked. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { env } from './env.ts';

const isHidden = (): boolean =>
  env.CUDA_VISIBLE_DEVICES !== undefined && /^(-1)?$/.test(env.CUDA_VISIBLE_DEVICES.trim());

/** Whether this process could reach an NVIDIA GPU: a device file of one is there, and CUDA_VISIBLE_DEVICES does not hide all. */
export const hasGpu = (): boolean =>
  !isHidden() && existsSync('/dev') && readdirSync('/dev').some((name) => /^nvidia\d+$/.test(name) || name === 'dxg');

/** Name and compute capability of the first GPU, from the driver's own tool; null where the tool is missing or fails. */
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
    return null; // not installed, or no driver: the caller says what that means
  }
}

/** Which device runs, decided once at loading. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { env } from './env.ts';
import { backend } from './tensorflow/backend.ts';

export type Device = {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** What the processor or the graphics card calls itself. */
  model: string;
  /** Instruction sets that matter here, of those that the processor has. */
  cpuFeatures: string[];
  threads: number;
};

const FEATURES = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16', 'amx_tile'];
const GPU_MARKS = ['/proc/driver/nvidia/version', '/dev/nvidiactl'];

const cpuInfo = (): string => (existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '');
const field = (text: string, name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';

/** Whether the machine has an NVIDIA GPU with its driver loaded, whatever TensorFlow makes of it. */
export const hasGpu = (): boolean => GPU_MARKS.some((path) => existsSync(path));

/** The device that TensorFlow uses in this process, for `doctor` and for a run's row. */
export function describeDevice(): Device {
  const info = cpuInfo();
  const flags = new Set(field(info, 'flags').split(' '));
  return {
    tensorflow: backend.binding.TF_Version,
    device: backend.binding.isUsingGpuDevice() ? 'gpu' : 'cpu',
    model: field(info, 'model name') || 'unknown',
    cpuFeatures: FEATURES.filter((name) => flags.has(name)),
    threads: env.ABLATE_THREADS || availableParallelism(),
  };
}

/** Throw where TensorFlow does not use the device that was asked for, or lets a GPU lie idle without being told to. */
export function checkDevice(): void {
  const gpu = backend.binding.isUsingGpuDevice();
  if (env.ABLATE_DEVICE === 'gpu' && !gpu)
    throw new Error('ABLATE_DEVICE=gpu, but TensorFlow found no GPU that it can use: run `npm run doctor`');
  if (env.ABLATE_DEVICE === 'auto' && !gpu && hasGpu())
    throw new Error(
      'this machine has an NVIDIA GPU that TensorFlow cannot use: run `npm run setup` to link the CUDA build, or set ABLATE_DEVICE=cpu to train on the CPU',
    );
}

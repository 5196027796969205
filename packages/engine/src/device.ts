/** Which device runs, decided once at loading. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { env } from './env.ts';
import { describeGpu, hasGpu } from './gpu.ts';
import { backend } from './tensorflow/backend.ts';

export type Device = {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** What the processor or the graphics card calls itself. */
  model: string;
  /** Instruction sets that matter here, of those that the processor has. */
  cpuFeatures: string[];
  threads: number;
  /** Why precision bf16 is refused here; null where it is not. */
  bf16Obstacle: string | null;
};

const FEATURES = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16', 'amx_tile', 'asimd', 'bf16'];
const BF16_CAPABILITY = 8; // Ampere

const cpuInfo = (): string => (existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '');
const field = (text: string, name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';

/** Why a processor or a GPU cannot train in bf16; null if it can. */
export function bf16Obstacle(
  model: string,
  found: { cpuFeatures: string[] } | { gpuCapability: number | null },
): string | null {
  if ('gpuCapability' in found)
    return found.gpuCapability === null || found.gpuCapability >= BF16_CAPABILITY
      ? null
      : `precision bf16 needs a GPU of compute capability ${BF16_CAPABILITY}.0 or newer; ${model} has ${found.gpuCapability.toFixed(1)}: use fp32`;
  return found.cpuFeatures.some((name) => name === 'avx512_bf16' || name === 'amx_bf16' || name === 'bf16')
    ? null
    : `precision bf16 needs a processor with avx512_bf16 or amx_bf16, or a GPU; ${model} has neither: use fp32`;
}

function describe(): Device {
  const info = cpuInfo();
  const flags = new Set(`${field(info, 'flags')} ${field(info, 'Features')}`.split(' '));
  const cpuFeatures = FEATURES.filter((name) => flags.has(name));
  const common = {
    tensorflow: backend.binding.TF_Version,
    cpuFeatures,
    threads: env.ABLATE_THREADS || availableParallelism(),
  };
  if (!backend.binding.isUsingGpuDevice()) {
    const model = field(info, 'model name') || 'unknown processor';
    return { ...common, device: 'cpu', model, bf16Obstacle: bf16Obstacle(model, { cpuFeatures }) };
  }
  const gpu = describeGpu();
  const model = gpu?.name ?? 'unknown GPU';
  const obstacle = bf16Obstacle(model, { gpuCapability: gpu?.capability ?? null });
  return { ...common, device: 'gpu', model, bf16Obstacle: obstacle };
}

let device: Device | null = null;

/** The device that TensorFlow uses in this process, for `doctor` and for a run's row. */
export function describeDevice(): Device {
  device ??= describe();
  return device;
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

/** The device that TensorFlow uses. It is chosen once, when TensorFlow loads. */
import { availableParallelism } from 'node:os';
import { settings } from './env.ts';
import { describeGpu, hasGpu } from './gpu.ts';
import { describeProcessor } from './processor.ts';
import { backend } from './tensorflow/backend.ts';

export type Device = {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** Model name of the processor or the graphics card. */
  model: string;
  /** The processor's instruction sets that oneDNN may use, of those that matter here. */
  cpuFeatures: string[];
  /** Whether TensorFlow runs CPU ops with oneDNN. */
  oneDnn: boolean;
  threads: number;
  /** Why this device cannot train in bf16; null if it can. */
  bf16Obstacle: string | null;
};

const BF16_CAPABILITY = 8; // Ampere

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
  const { maxInstructionSet, oneDnn, threads } = settings();
  const processor = describeProcessor(maxInstructionSet);
  const cpuFeatures = processor.instructionSets;
  const common = {
    tensorflow: backend.binding.TF_Version,
    cpuFeatures,
    oneDnn,
    threads: threads || availableParallelism(),
  };
  if (!backend.binding.isUsingGpuDevice()) {
    const model = processor.model || 'unknown processor';
    return { ...common, device: 'cpu', model, bf16Obstacle: bf16Obstacle(model, { cpuFeatures }) };
  }
  const gpu = describeGpu();
  const model = gpu?.name ?? 'unknown GPU';
  const obstacle = bf16Obstacle(model, { gpuCapability: gpu?.capability ?? null });
  return { ...common, device: 'gpu', model, bf16Obstacle: obstacle };
}

let device: Device | null = null;

/** The device that TensorFlow uses in this process. `doctor` prints it, and every run records it. */
export function describeDevice(): Device {
  device ??= describe();
  return device;
}

/** @throws Error if TensorFlow does not use the device of ABLATE_DEVICE, or under `auto` leaves a GPU unused. */
export function checkDevice(): void {
  const { device: wanted } = settings();
  const gpu = backend.binding.isUsingGpuDevice();
  if (wanted === 'gpu' && !gpu)
    throw new Error('ABLATE_DEVICE=gpu, but TensorFlow found no usable GPU: run `npm run doctor`');
  if (wanted === 'auto' && !gpu && hasGpu())
    throw new Error(
      'this machine has an NVIDIA GPU that TensorFlow cannot use: run `npm run setup` to link the CUDA build, or set ABLATE_DEVICE=cpu to train on the CPU',
    );
}

/** The device that TensorFlow uses. It is chosen once, when TensorFlow loads. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { settings } from './env.ts';
import { describeGpu, hasGpu } from './gpu.ts';
import { backend } from './tensorflow/backend.ts';

export type Device = {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** Model name of the processor or the graphics card. */
  model: string;
  /** The processor's instruction sets that oneDNN may use, of those in `FEATURES`. */
  cpuFeatures: string[];
  /** Whether TensorFlow runs CPU ops with oneDNN. */
  oneDnn: boolean;
  threads: number;
  /** Why this device cannot train in bf16; null if it can. */
  bf16Obstacle: string | null;
};

/** Instruction sets, and the first value of ONEDNN_MAX_CPU_ISA that allows each; null for those of ARM, which it does not limit. */
const FEATURES = new Map<string, string | null>([
  ['avx2', 'AVX2'],
  ['fma', 'AVX2'],
  ['avx_vnni', 'AVX2_VNNI'],
  ['avx512f', 'AVX512_CORE'],
  ['avx512_vnni', 'AVX512_CORE_VNNI'],
  ['avx512_bf16', 'AVX512_CORE_BF16'],
  ['amx_tile', 'AVX512_CORE_AMX'],
  ['amx_bf16', 'AVX512_CORE_AMX'],
  ['asimd', null],
  ['bf16', null],
]);
/** Values of ONEDNN_MAX_CPU_ISA, each of which allows those before it (oneDNN's documentation, "CPU Dispatcher Control"). */
const LIMITS = [
  ...['SSE41', 'AVX', 'AVX2', 'AVX2_VNNI', 'AVX2_VNNI_2', 'AVX512_CORE', 'AVX512_CORE_VNNI', 'AVX512_CORE_BF16'],
  ...['AVX10_1_512', 'AVX512_CORE_FP16', 'AVX10_1_512_AMX', 'AVX512_CORE_AMX', 'AVX10_1_512_AMX_FP16'],
  ...['AVX512_CORE_AMX_FP16', 'AVX10_2_512', 'AVX10_2_512_AMX_2', 'DEFAULT'],
];
const BF16_CAPABILITY = 8; // Ampere

const cpuInfo = (): string => (existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '');
const field = (text: string, name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';

/** The instruction sets of `FEATURES` among a processor's flags, up to oneDNN's limit. Like oneDNN, it ignores an unknown limit. */
export function instructionSets(flags: ReadonlySet<string>, limit: string): string[] {
  const most = LIMITS.indexOf(limit.toUpperCase());
  const allowed = (needs: string | null) => needs === null || most < 0 || LIMITS.indexOf(needs) <= most;
  return [...FEATURES].flatMap(([name, needs]) => (flags.has(name) && allowed(needs) ? [name] : []));
}

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
  const { maxInstructionSet, oneDnn, threads } = settings();
  const cpuFeatures = instructionSets(flags, maxInstructionSet);
  const common = {
    tensorflow: backend.binding.TF_Version,
    cpuFeatures,
    oneDnn,
    threads: threads || availableParallelism(),
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

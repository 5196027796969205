/** The processor as the operating system describes it. Loads no TensorFlow. */
import { existsSync, readFileSync } from 'node:fs';

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

const cpuInfo = (): string => (existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '');
const field = (text: string, name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';

/** The instruction sets of `FEATURES` among a processor's flags, up to oneDNN's limit. Like oneDNN, it ignores an unknown limit. */
export function instructionSets(flags: ReadonlySet<string>, limit: string): string[] {
  const most = LIMITS.indexOf(limit.toUpperCase());
  const allowed = (needs: string | null) => needs === null || most < 0 || LIMITS.indexOf(needs) <= most;
  return [...FEATURES].flatMap(([name, needs]) => (flags.has(name) && allowed(needs) ? [name] : []));
}

/** Model name and instruction sets of this processor, up to oneDNN's limit. The model is empty where /proc/cpuinfo is missing. */
export function describeProcessor(limit: string): { model: string; instructionSets: string[] } {
  const info = cpuInfo();
  const flags = new Set(`${field(info, 'flags')} ${field(info, 'Features')}`.split(' '));
  return { model: field(info, 'model name'), instructionSets: instructionSets(flags, limit) };
}

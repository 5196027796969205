import { fork } from 'node:child_process';
import { join } from 'node:path';
import { count } from '@ablate/contracts';
import { z } from 'zod';
import type { CliEnv } from '../env.ts';
import type { Check } from './check.ts';

const Probe = z.object({
  tensorflow: z.string(),
  device: z.enum(['cpu', 'gpu']),
  model: z.string(),
  cpuFeatures: z.array(z.string()),
  oneDnn: z.boolean(),
  bf16Obstacle: z.string().nullable(),
  threads: z.int(),
  product: z.literal(3),
  gpu: z.boolean(),
  problem: z.string().nullable(),
});
type Probe = z.infer<typeof Probe>;

const TIMEOUT_MS = 60_000;

/** TensorFlow's description of itself, or why it did not load. */
function probe(signal: AbortSignal): Promise<Probe | { ended: string }> {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, 'tensorflow-probe.ts'), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: TIMEOUT_MS,
      signal,
    });
    let errors = '';
    let answer: unknown;
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-20_000);
    });
    child.on('message', (message) => {
      answer = message;
    });
    child.on('error', (error) => resolve({ ended: error.message }));
    child.on('close', (code, killedBy) => {
      const parsed = Probe.safeParse(answer);
      if (parsed.success) resolve(parsed.data);
      else resolve({ ended: firstError(errors) ?? (killedBy ? `killed by ${killedBy}` : `exit code ${code}`) });
    });
  });
}

/** The line of a stack trace with the error message. */
const firstError = (text: string): string | undefined =>
  text.split('\n').find((line) => /^(\w*Error|Error)\b|: error|cannot open shared object/i.test(line));

const NOTABLE: Record<string, string> = {
  avx2: 'AVX2',
  fma: 'FMA',
  avx512f: 'AVX-512',
  avx512_bf16: 'AVX-512 bf16',
  amx_bf16: 'AMX bf16',
};

/** What the figures of docs/performance.md were measured with. */
const MEASURED_WITH = ['avx512f', 'avx512_bf16'] as const;

function gpuCheck({ device, gpu, problem, model }: Probe, chosen: string): Check {
  if (problem) return { name: 'GPU', state: 'missing', detail: problem };
  if (device === 'gpu') return { name: 'GPU', state: 'ok', detail: 'used' };
  if (gpu) return { name: 'GPU', state: 'warning', detail: `found, but not used: ABLATE_DEVICE=${chosen}` };
  return { name: 'GPU', state: 'ok', detail: `no NVIDIA driver is loaded; training runs on the CPU, ${model}` };
}

/** TensorFlow and its device, the processor's instruction sets, and whether the GPU is used. */
export async function tensorflowChecks({ device }: CliEnv, signal: AbortSignal): Promise<Check[]> {
  const found = await probe(signal);
  if ('ended' in found)
    return [
      {
        name: 'TensorFlow',
        state: 'missing',
        detail: `cannot be loaded (${found.ended})`,
        remedy: 'run npm run setup',
      },
    ];
  const has = Object.entries(NOTABLE).filter(([flag]) => found.cpuFeatures.includes(flag));
  const lacks = Object.entries(NOTABLE).filter(([flag]) => !found.cpuFeatures.includes(flag));
  const features = [
    has.length > 0 ? `has ${has.map(([, name]) => name).join(', ')}` : undefined,
    lacks.length > 0 ? `lacks ${lacks.map(([, name]) => name).join(', ')}` : undefined,
  ];
  const slower = found.device === 'cpu' && MEASURED_WITH.some((flag) => !found.cpuFeatures.includes(flag));
  return [
    {
      name: 'TensorFlow',
      state: 'ok',
      detail: `${found.tensorflow}, device ${found.device}, ${count(found.threads, 'thread')}, oneDNN ${found.oneDnn ? 'on' : 'off'}`,
    },
    {
      name: 'processor',
      state: slower ? 'warning' : 'ok',
      detail: [
        ...features,
        found.bf16Obstacle ?? 'trains in fp32 and bf16',
        slower ? 'slower than in the first tables of docs/performance.md, which has a table of this class' : undefined,
      ]
        .filter((part) => part !== undefined)
        .join('; '),
    },
    gpuCheck(found, device),
  ];
}

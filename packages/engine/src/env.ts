/**
 * The engine's settings, from the environment. `settings()` is the only code of the engine that reads process.env; it parses once.
 * Importing `@ablate/engine` loads TensorFlow, whose add-on reads its own variables while it loads (tensorflow/load.ts), so that
 * import makes the first call: set variables before it. Importing `@ablate/engine/chatter` reads nothing.
 */
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { DEFAULT_HOME } from '@ablate/files';
import { z } from 'zod';

export const EngineVariables = z.object({
  ABLATE_DEVICE: z
    .enum(['auto', 'cpu', 'gpu'])
    .default('auto')
    .describe('Device that trains. auto is the GPU if TensorFlow sees one.'),
  ABLATE_THREADS: VARIABLES.ABLATE_THREADS,
  ABLATE_HOME: VARIABLES.ABLATE_HOME.transform((home = DEFAULT_HOME) => home),
  ABLATE_XLA: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe('Fusion by XLA. auto is on where it measures faster: for large tensors on the CPU.'),
  CUDA_VISIBLE_DEVICES: z.string().optional().describe('A variable of CUDA: empty or -1 hides every GPU.'),
  TF_ENABLE_ONEDNN_OPTS: z
    .string()
    .default('1')
    .describe('A variable of TensorFlow: 0 disables the CPU ops of oneDNN.'),
  ONEDNN_MAX_CPU_ISA: z
    .string()
    .default('')
    .describe('A variable of oneDNN: the newest instruction set that it uses, such as AVX2.'),
});

export type EngineSettings = {
  device: 'auto' | 'cpu' | 'gpu';
  /** Of TensorFlow's pools; 0 means all cores. */
  threads: number;
  home: string;
  fusion: 'auto' | 'on' | 'off';
  /** False if CUDA_VISIBLE_DEVICES hides every GPU. */
  gpuVisible: boolean;
  oneDnn: boolean;
  /** A value of ONEDNN_MAX_CPU_ISA; empty for no limit. */
  maxInstructionSet: string;
};

/** Settings from environment variables. @throws Error naming every invalid variable. */
function readEngineEnv(variables: NodeJS.ProcessEnv): EngineSettings {
  const read = parseVariables(EngineVariables, variables);
  return {
    device: read.ABLATE_DEVICE,
    threads: read.ABLATE_THREADS,
    home: read.ABLATE_HOME,
    fusion: read.ABLATE_XLA,
    // Parsing drops empty variables, but an empty CUDA_VISIBLE_DEVICES has a meaning.
    gpuVisible: !/^\s*(-1)?\s*$/.test(variables.CUDA_VISIBLE_DEVICES ?? 'all'),
    oneDnn: /^(1|true)$/i.test(read.TF_ENABLE_ONEDNN_OPTS),
    maxInstructionSet: read.ONEDNN_MAX_CPU_ISA,
  };
}

let current: EngineSettings | null = null;

/** The settings of this process, parsed on the first call. */
export function settings(): EngineSettings {
  current ??= readEngineEnv(process.env);
  return current;
}

/** What the surroundings decide: device, threads, home. Parsed once, before TensorFlow is loaded. */
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

const { CUDA_VISIBLE_DEVICES: visible } = process.env;
export const env = parseVariables(EngineVariables, {
  ...process.env,
  CUDA_VISIBLE_DEVICES: visible === '' ? '-1' : visible,
});

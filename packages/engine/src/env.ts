/** What the surroundings decide: device, threads, home. Parsed once, before TensorFlow is loaded. */
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { DEFAULT_HOME } from '@ablate/files';
import { z } from 'zod';

const Env = z.object({
  ABLATE_DEVICE: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
  ABLATE_THREADS: VARIABLES.ABLATE_THREADS,
  ABLATE_HOME: VARIABLES.ABLATE_HOME.transform((home = DEFAULT_HOME) => home),
  /** Fusion by XLA: auto is on where it measures faster, for large tensors on the CPU. */
  ABLATE_XLA: z.enum(['auto', 'on', 'off']).default('auto'),
  /** CUDA's own: empty or -1 hides every GPU from this process. */
  CUDA_VISIBLE_DEVICES: z.string().optional(),
  /** TensorFlow's own: whether its CPU ops are oneDNN's. */
  TF_ENABLE_ONEDNN_OPTS: z.string().default('1'),
  /** oneDNN's own: the newest instruction set that it may use, such as AVX2. */
  ONEDNN_MAX_CPU_ISA: z.string().default(''),
});

const { CUDA_VISIBLE_DEVICES: visible } = process.env;
export const env = parseVariables(Env, { ...process.env, CUDA_VISIBLE_DEVICES: visible === '' ? '-1' : visible });

/** What the surroundings decide: device, threads, home. Parsed once, before TensorFlow is loaded. */
import { resolve } from 'node:path';
import { parseVariables } from '@ablate/contracts';
import { z } from 'zod';

export const EngineVariables = z.object({
  ABLATE_DEVICE: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
  ABLATE_THREADS: z.coerce.number().int().min(0).max(1024).default(0),
  ABLATE_HOME: z
    .string()
    .min(1)
    .default(resolve(import.meta.dirname, '../../../.ablate')),
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
export const env = parseVariables(EngineVariables, {
  ...process.env,
  CUDA_VISIBLE_DEVICES: visible === '' ? '-1' : visible,
});

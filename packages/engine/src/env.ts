/** What the surroundings decide: device, threads, home. Parsed once, before TensorFlow is loaded. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const Env = z.object({
  ABLATE_DEVICE: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
  ABLATE_THREADS: z.coerce.number().int().min(0).max(1024).default(0),
  ABLATE_HOME: z
    .string()
    .min(1)
    .default(resolve(import.meta.dirname ?? homedir(), '../../../.ablate')),
  ABLATE_XLA: z.enum(['on', 'off']).default('on'),
});

const parsed = Env.safeParse(process.env);
if (!parsed.success)
  throw new Error(
    `the environment is not usable: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
  );

export const env = parsed.data;

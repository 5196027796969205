/** Environment variables that TensorFlow reads while it is loaded. What the user has set himself wins. */
import { join } from 'node:path';
import { env } from '../env.ts';

/** The variables for a device choice, a number of threads (0: all cores) and a folder for compiled XLA programs. */
export function tensorflowVariables(choice: {
  device: 'auto' | 'cpu' | 'gpu';
  threads: number;
  home: string;
}): Record<string, string> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${join(choice.home, 'xla')}`,
    ...(choice.threads > 0
      ? { TF_NUM_INTRAOP_THREADS: String(choice.threads), TF_NUM_INTEROP_THREADS: String(choice.threads) }
      : {}),
    ...(choice.device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
  };
}

const wanted = tensorflowVariables({ device: env.ABLATE_DEVICE, threads: env.ABLATE_THREADS, home: env.ABLATE_HOME });
for (const [name, value] of Object.entries(wanted)) process.env[name] ??= value;

/** Environment variables that TensorFlow reads while it is loaded. What the user has set himself wins. */
import { env } from '../env.ts';

/** The variables for a device choice and a number of threads (0: all cores). */
export function tensorflowVariables(choice: {
  device: 'auto' | 'cpu' | 'gpu';
  threads: number;
}): Record<string, string> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(choice.threads > 0
      ? { TF_NUM_INTRAOP_THREADS: String(choice.threads), TF_NUM_INTEROP_THREADS: String(choice.threads) }
      : {}),
    ...(choice.device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
  };
}

const wanted = tensorflowVariables({ device: env.ABLATE_DEVICE, threads: env.ABLATE_THREADS });
for (const [name, value] of Object.entries(wanted)) process.env[name] ??= value;

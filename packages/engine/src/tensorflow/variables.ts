/** Environment variables that TensorFlow reads while it loads. Values that the user has set take precedence. */

type Choice = { device: 'auto' | 'cpu' | 'gpu'; threads: number; gpu: boolean };

/** The variables for a device choice, a number of threads (0: all cores), and whether the machine has a GPU. */
export function tensorflowVariables({ device, threads, gpu }: Choice): Record<string, string> {
  const onGpu = gpu && device !== 'cpu';
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    // On a processor without VNNI, bf16 or AMX, TensorFlow leaves oneDNN off, and trains at half the speed (docs/performance.md).
    TF_ENABLE_ONEDNN_OPTS: '1',
    ...(threads > 0 ? { TF_NUM_INTRAOP_THREADS: `${threads}`, TF_NUM_INTEROP_THREADS: `${threads}` } : {}),
    ...(device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
    // Deterministic ops, no TF32 in fp32, and GPU memory allocated as it is needed.
    ...(onGpu ? { TF_DETERMINISTIC_OPS: '1', NVIDIA_TF32_OVERRIDE: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true' } : {}),
  };
}

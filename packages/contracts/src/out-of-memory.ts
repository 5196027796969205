/** Out-of-memory messages of TensorFlow, CUDA, the C++ library and V8. */
const OUT_OF_MEMORY =
  /bad_alloc|out of memory|OOM when allocating|RESOURCE_EXHAUSTED|ResourceExhausted|Cannot allocate memory/i;

/** Whether an error message reports that memory ran out. */
export const isOutOfMemory = (text: string): boolean => OUT_OF_MEMORY.test(text);

/** The memory used, as the end of a message; empty if unknown. */
export const usedMemory = (bytes: number | null): string =>
  bytes === null ? '' : `; it had used ${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;

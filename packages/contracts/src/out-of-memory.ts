/** The words for memory that ran out: TensorFlow's, CUDA's, the C++ library's and V8's. */
const OUT_OF_MEMORY =
  /bad_alloc|out of memory|OOM when allocating|RESOURCE_EXHAUSTED|ResourceExhausted|Cannot allocate memory/i;

/** Whether an error's text says that memory ran out. */
export const saysOutOfMemory = (text: string): boolean => OUT_OF_MEMORY.test(text);

/** How much memory was used, as the end of a message. */
export const usedMemory = (bytes: number | null): string =>
  bytes === null ? '' : `; it had used ${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;

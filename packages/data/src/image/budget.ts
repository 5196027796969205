/** Runs work while its memory fits into a budget: first come, first served. */
export type Budget = <Result>(bytes: number, work: () => Promise<Result>) => Promise<Result>;

/** Work that needs more than `total` bytes runs alone. */
export function openBudget(total: number): Budget {
  const waiting: { bytes: number; start: () => void }[] = [];
  let free = total;
  const startNext = (): void => {
    for (let next = waiting[0]; next && next.bytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.bytes;
      next.start();
    }
  };
  return async (wanted, work) => {
    const bytes = Math.min(wanted, total);
    await new Promise<void>((start) => {
      waiting.push({ bytes, start });
      startNext();
    });
    try {
      return await work();
    } finally {
      free += bytes;
      startNext();
    }
  };
}

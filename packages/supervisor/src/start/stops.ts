/** What has been started, ended in the opposite order: each uses only what came before it. */
export function stopStack(): { push: (stop: () => Promise<void>) => void; stopAll: () => Promise<unknown[]> } {
  const stops: (() => Promise<void>)[] = [];
  return {
    push: (stop) => void stops.push(stop),
    /** Goes on after one that fails, and gives back what failed. */
    stopAll: async () => {
      const failures: unknown[] = [];
      for (let stop = stops.pop(); stop; stop = stops.pop())
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      return failures;
    },
  };
}

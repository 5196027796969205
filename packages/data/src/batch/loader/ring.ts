/**
 * The memory that a loader's threads and its user share: a ring of batches, and three counters. Batches are claimed one after another, each by whoever is
 * free first; nobody claims one before the slot that it goes into is free, so memory is bounded and a slow user holds the threads back.
 */

export type SlotLengths = { images: number; labels: number; targets: number };

/** What a thread is given: shared memory and the count of slots in it. */
export type RingMemory = { buffer: SharedArrayBuffer; slots: number; lengths: SlotLengths };

export type Slot = { images: Float32Array; labels: Int32Array; targets?: Float32Array };

/** Places of the counters: the next batch that nobody has claimed, the oldest one in use, and one after the last there is. */
const [NEXT, HEAD, END] = [0, 1, 2];
const COUNTERS = 3;
/** Batches are numbered by 32-bit integers. */
const MOST = 2 ** 31 - 2;
/** HEAD after the ring was closed. */
const CLOSED = -1;

const slotBytes = ({ images, labels, targets }: SlotLengths): number => 4 * (images + labels + targets);

/** @param slots batches held at most, the one in use included */
export const ringMemory = (lengths: SlotLengths, slots: number): RingMemory => ({
  buffer: new SharedArrayBuffer(4 * (COUNTERS + slots) + slots * slotBytes(lengths)),
  slots,
  lengths,
});

export type Ring = ReturnType<typeof openRing>;

/** One party's view of the shared memory. */
export function openRing({ buffer, slots, lengths }: RingMemory) {
  const counters = new Int32Array(buffer, 0, COUNTERS);
  const made = new Int32Array(buffer, 4 * COUNTERS, slots);
  const views = Array.from({ length: slots }, (_, i): Slot => {
    const start = 4 * (COUNTERS + slots) + i * slotBytes(lengths);
    const labels = start + 4 * lengths.images;
    return {
      images: new Float32Array(buffer, start, lengths.images),
      labels: new Int32Array(buffer, labels, lengths.labels),
      ...(lengths.targets > 0 && { targets: new Float32Array(buffer, labels + 4 * lengths.labels, lengths.targets) }),
    };
  });
  /** Say that batch n is the oldest in use: the slots of those before it are free. */
  function use(n: number): void {
    Atomics.store(counters, HEAD, n);
    Atomics.notify(counters, HEAD);
  }
  /** Take batch n for oneself, unless somebody has. */
  const claim = (n: number): boolean => Atomics.compareExchange(counters, NEXT, n, n + 1) === n;

  return {
    slot: (n: number): Slot => views[n % slots]!,
    /** Let batches be made from `first` up to but not including `end`; before any thread has the memory. */
    start(first: number, end: number): void {
      Atomics.store(counters, NEXT, first);
      Atomics.store(counters, END, Math.min(end, MOST));
      use(first);
    },
    use,
    isMade: (n: number): boolean => Atomics.load(made, n % slots) === n + 1,
    finish: (n: number): void => void Atomics.store(made, n % slots, n + 1),
    claim,
    /** Claim the next batch, once there is a free slot; null when all are claimed or the ring is closed. Blocks the thread. */
    claimNext(): number | null {
      for (;;) {
        const head = Atomics.load(counters, HEAD);
        if (head === CLOSED) return null;
        const next = Atomics.load(counters, NEXT);
        if (next >= Atomics.load(counters, END)) return null;
        if (next - head >= slots) Atomics.wait(counters, HEAD, head);
        else if (claim(next)) return next;
      }
    },
    /** Wake every thread that waits, and let none claim any more. */
    close(): void {
      use(CLOSED);
    },
  };
}

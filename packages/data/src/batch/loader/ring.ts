/**
 * The memory that a loader's threads and its user share: a ring of batches, and three counters. The first free thread claims the
 * next batch, once its slot is free: so memory is bounded, and a slow user makes the threads wait.
 */

export type SlotLengths = { images: number; labels: number; targets: number };

/** Shared memory and its layout, passed to each thread. */
export type RingMemory = { buffer: SharedArrayBuffer; slots: number; lengths: SlotLengths };

export type Slot = { images: Float32Array; labels: Int32Array; targets?: Float32Array };

/** Indices of the counters: the next unclaimed batch, the oldest batch in use, and one after the last batch. */
const [NEXT, HEAD, END] = [0, 1, 2];
const COUNTERS = 3;
/** Batches are numbered by 32-bit integers. */
const MOST = 2 ** 31 - 2;
/** Value of HEAD in a closed ring. */
const CLOSED = -1;

const slotBytes = ({ images, labels, targets }: SlotLengths): number => 4 * (images + labels + targets);

/** @param slots most batches in memory, including the one in use */
export const ringMemory = (lengths: SlotLengths, slots: number): RingMemory => ({
  buffer: new SharedArrayBuffer(4 * (COUNTERS + slots) + slots * slotBytes(lengths)),
  slots,
  lengths,
});

export type Ring = ReturnType<typeof openRing>;

/** The ring in shared memory, as seen by one thread. */
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
  /** Mark batch n as the oldest in use; frees the slots of earlier batches. */
  function use(n: number): void {
    Atomics.store(counters, HEAD, n);
    Atomics.notify(counters, HEAD);
  }
  /** Claim batch n; false if it is claimed already. */
  const claim = (n: number): boolean => Atomics.compareExchange(counters, NEXT, n, n + 1) === n;

  return {
    slot: (n: number): Slot => views[n % slots]!,
    /** Offer batches from `first` up to but not including `end`. Call before threads start. */
    start(first: number, end: number): void {
      Atomics.store(counters, NEXT, first);
      Atomics.store(counters, END, Math.min(end, MOST));
      use(first);
    },
    use,
    isMade: (n: number): boolean => Atomics.load(made, n % slots) === n + 1,
    finish: (n: number): void => void Atomics.store(made, n % slots, n + 1),
    claim,
    /** Claim the next batch, once a slot is free; null if all are claimed or the ring is closed. Blocks the thread. */
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
    /** Wake all waiting threads; later claims return null. */
    close(): void {
      use(CLOSED);
    },
  };
}

/** How many runs a worker trains at a time, and how many threads each trainer has. */
export type Machine = {
  cores: number;
  memoryBytes: number;
  /** GPUs that trainers may use. */
  gpus: number;
};

type Wanted = {
  slots: number | 'auto';
  /** Of ABLATE_THREADS; 0 for none given. */
  threads: number;
  window: number | undefined;
  /** Memory of a trainer. */
  trainerBytes: number;
};

/** Share of the memory that trainers get under `auto`; the rest is for the system, the worker and the databases. */
const TRAINERS_SHARE = 0.8;
const MOST_SLOTS = 64;

/**
 * Under `auto`: a slot for each GPU; without one, a slot for each core, as far as memory allows. Each trainer then has threads for
 * all cores. The system gives a core to each while all slots are taken, and all cores to the last run; a run never changes its
 * number of threads, on which its bytes depend, and so resumes exactly.
 */
function autoSlots({ threads, trainerBytes }: Wanted, { cores, memoryBytes, gpus }: Machine): number {
  if (gpus > 0) return Math.min(MOST_SLOTS, gpus);
  // Workers side by side, as of `npm start -- --workers 2`, are told their share of the cores.
  const share = threads > 0 ? Math.min(threads, cores) : cores;
  const fitting = Math.floor((memoryBytes * TRAINERS_SHARE * (share / cores)) / trainerBytes);
  return Math.max(1, Math.min(MOST_SLOTS, share, fitting));
}

/** The slots of this machine, the threads of a trainer (0: one for each core), and the number of runs that wait in the queue. */
export function chooseSlots(wanted: Wanted, machine: Machine): { slots: number; threads: number; window: number } {
  const slots = wanted.slots === 'auto' ? autoSlots(wanted, machine) : wanted.slots;
  // A chosen number of trainers divides the cores, unless the user sets their number of threads.
  const divided = slots > 1 && (wanted.slots !== 'auto' || machine.gpus > 0);
  const threads = wanted.threads || (divided ? Math.ceil(machine.cores / slots) : 0);
  // Enough that slots do not wait for the dispatcher.
  return { slots, threads, window: wanted.window ?? Math.max(4, 2 * slots) };
}

/** Results of the queue bench, their targets, and their file. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Machine } from '../train/results.ts';

export const Measures = z.enum(['submission', 'latency', 'results', 'noWork', 'bookkeeping']);

type Target = { what: string; show: (value: number) => string; target?: string; met?: (value: number) => boolean };

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} s`;
const perSecond = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} /s`;
const most = (limit: number, show: (value: number) => string): Pick<Target, 'target' | 'met' | 'show'> => ({
  show,
  target: `≤ ${show(limit)}`,
  met: (value) => value <= limit,
});
const least = (limit: number, show: (value: number) => string): Pick<Target, 'target' | 'met' | 'show'> => ({
  show,
  target: `≥ ${show(limit)}`,
  met: (value) => value >= limit,
});
const bytes = (value: number): string => `${value.toFixed(0)} bytes`;
const mebibytes = (value: number): string => `${Math.round(value)} MiB`;

/** Every result, in the order of the table. Those without a target are for comparison. */
export const TARGETS = {
  accepted: {
    what: 'a sweep of 100,000 runs (1,000 configs, 100 seeds) accepted, beyond its check',
    ...most(1.5, seconds),
  },
  queued: { what: 'all 100,000 chosen in fair order and in the queue', ...most(60, seconds) },
  apiPeak: { what: 'largest resident memory of the API meanwhile', ...most(512, mebibytes) },
  latency: { what: 'from submitting a run to its first step, worker warm (median of 15)', ...most(2, seconds) },
  bookkeeping: { what: '10,000 runs of 1 s on 16 slots (625 s if nothing cost anything)', ...most(715, seconds) },
  results: { what: 'results written as they come, sustained', ...least(1_000, perSecond) },
  bytesLong: { what: 'a metric point of long runs on disk, indexes included', ...most(60, bytes) },
  bytesShort: { what: 'a metric point of runs with ten results on disk, indexes included', ...most(60, bytes) },
  noWork: { what: 'runs of no work with ten results each: Ablate', ...least(100, perSecond) },
  optuna1: { what: '… trials of Optuna, one process', show: perSecond },
  optuna4: { what: '… trials of Optuna, four processes', show: perSecond },
  ray: { what: '… trials of Ray Tune', show: perSecond },
} as const satisfies Record<string, Target>;

export const Measured = z.strictObject({
  name: z.enum(Object.keys(TARGETS) as [keyof typeof TARGETS, ...(keyof typeof TARGETS)[]]),
  value: z.number(),
  notes: z.string(),
  /** Where and when, if not with the others of the file. */
  machine: Machine.optional(),
});
export type Measured = z.infer<typeof Measured>;

export const QueueResults = z.strictObject({ measured: z.array(Measured), machine: Machine });
export type QueueResults = z.infer<typeof QueueResults>;

/** The results with rows that were measured later, each with its machine. */
export const withRows = ({ measured, machine }: QueueResults, later: QueueResults): QueueResults => ({
  measured: measured.map((row) => {
    const found = later.measured.find(({ name }) => name === row.name);
    return found ? { ...found, machine: later.machine } : row;
  }),
  machine,
});

export const readQueueResults = (file: string): QueueResults =>
  QueueResults.parse(JSON.parse(readFileSync(file, 'utf8')));

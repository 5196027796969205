/** Results of one engine on one model, and their files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Engine } from './engines.ts';

export const Row = z.strictObject({
  model: z.string(),
  engine: Engine,
  precision: z.enum(['fp32', 'bf16']),
  threads: z.int(),
  batchSize: z.int(),
  /** Median over the rounds. */
  samplesPerSecond: z.number(),
  /** Slowest and fastest round. */
  spread: z.tuple([z.number(), z.number()]),
  /** Rounds. */
  n: z.int(),
  /** Peak resident memory of the process; null if the kernel does not report it. */
  peakMemoryMiB: z.number().nullable(),
  /** Seconds from the libraries loaded to the end of the first step, with empty caches. */
  compileSeconds: z.number(),
  /** The same with warm caches; null if not measured. */
  compileSecondsAgain: z.number().nullable(),
  notes: z.array(z.string()),
  measured: z.iso.datetime(),
});
export type Row = z.infer<typeof Row>;

export const Machine = z.strictObject({
  date: z.iso.datetime(),
  cpu: z.string(),
  /** Absent in results of before 2026-11-26. */
  instructionSets: z.array(z.string()).optional(),
  cores: z.int(),
  memoryGiB: z.int(),
  /** Load average before the start: above about 0.3, other programs used the machine too. */
  loadBefore: z.number(),
  platform: z.string(),
  node: z.string(),
  code: z.string(),
  versions: z.record(z.string(), z.string()),
});
export type Machine = z.infer<typeof Machine>;

/** `train.json` holds the rows, `train.machine.json` beside it the machine. */
const machineFile = (file: string): string => file.replace(/\.json$/, '.machine.json');

export function writeResults(file: string, rows: Row[], machine: Machine): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
  writeFileSync(machineFile(file), `${JSON.stringify(machine, null, 2)}\n`);
}

export function readResults(file: string): { rows: Row[]; machine: Machine } {
  const json = (name: string): unknown => JSON.parse(readFileSync(name, 'utf8'));
  return { rows: z.array(Row).parse(json(file)), machine: Machine.parse(json(machineFile(file))) };
}

/** Same model, engine, precision and threads: a later measurement replaces an earlier one. */
export const sameCell = (a: Row, b: Row): boolean =>
  a.model === b.model && a.engine === b.engine && a.precision === b.precision && a.threads === b.threads;

/** A table of real training: the validation accuracy of every config and seed after every epoch. `record.ts` writes it. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Space } from '@ablate/contracts';
import { z } from 'zod';
import { Machine } from '../train/results.ts';

const accuracy = z.number().min(0).max(1);

export const RecordedTable = z.strictObject({
  machine: Machine,
  /** What a run of the table is, as in a spec. */
  settings: z.strictObject({
    dataset: z.strictObject({ name: z.string(), samples: z.int(), validation: z.number() }),
    train: z.record(z.string(), z.unknown()),
  }),
  space: Space,
  seeds: z.array(z.int()),
  epochs: z.int(),
  configs: z.array(
    z.strictObject({
      axes: z.record(z.string(), z.unknown()),
      /** By seed: validation accuracy after every epoch, test accuracy at the best epoch, and seconds. Seeds that are not recorded yet are absent. */
      runs: z.array(
        z.strictObject({ seed: z.int(), validation: z.array(accuracy), test: accuracy, seconds: z.number() }),
      ),
    }),
  ),
});
export type RecordedTable = z.infer<typeof RecordedTable>;

export const TABLE_FILE = resolve(import.meta.dirname, '../results/search-table.json');

/** null if nothing is recorded yet. */
export const readTable = (file: string): RecordedTable | null =>
  existsSync(file) ? RecordedTable.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;

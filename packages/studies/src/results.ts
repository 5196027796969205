/**
 * The results of a study at a scale, as files beside it: one row a run, and one row a point of a curve. Reports are made from these alone, so
 * that one made today and one made from a clone are equal.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScaleName } from '@ablate/contracts';
import { Cause, RunState, readJson, UserError } from '@ablate/contracts';
import { formatCsv, type Table, textCell } from '@ablate/tables';
import { z } from 'zod';
import { parseCsv } from './csv.ts';

const empty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((text) => (text === '' ? null : text), schema.nullable());

const number = z
  .string()
  .refine((text) => text !== '' && Number.isFinite(Number(text)), 'must be a number')
  .transform(Number);
const whole = number.pipe(z.int().min(0));
const json = <T extends z.ZodType>(schema: T) =>
  z.preprocess((text) => {
    const read = typeof text === 'string' ? readJson(text) : {};
    return 'value' in read ? read.value : undefined;
  }, schema);

export const RunRow = z.object({
  sweep: z.string().min(1),
  position: whole,
  axes: json(z.record(z.string(), z.unknown())),
  seed: whole,
  state: RunState,
  cause: empty(Cause),
  test_accuracy: empty(number),
  test_loss: empty(number),
  val_accuracy: empty(number),
  val_loss: empty(number),
  train_accuracy: empty(number),
  best_epoch: empty(whole),
  samples_per_second: empty(number),
  useful_seconds: empty(number),
  lost_seconds: empty(number),
  macs: empty(number),
  parameters: empty(number),
  total_steps: empty(whole),
  dataset: z.string(),
  samples: empty(whole),
  epochs: whole,
  dataset_hash: empty(z.string()),
  device: empty(z.string()),
  threads: empty(whole),
  instruction_sets: empty(z.string()),
  one_dnn: empty(z.enum(['true', 'false'])),
  precision: z.string(),
  tensorflow: empty(z.string()),
  node: empty(z.string()),
  code: empty(z.string()),
  lockfile: empty(z.string()),
  notes: json(z.array(z.string())),
  finished: empty(z.string()),
});
export type RunRow = z.infer<typeof RunRow>;

const CurveRow = z.object({
  sweep: z.string().min(1),
  position: whole,
  seed: whole,
  metric: z.string(),
  step: whole,
  epoch: number,
  value: number,
});
export type CurveRow = z.infer<typeof CurveRow>;

export type Results = {
  runs: RunRow[];
  curves: CurveRow[];
  /** What the study's own queries and measures found, by name. */
  tables: Map<string, Table>;
  /** Files of pictures in the folder, by name. */
  pictures: string[];
};

/** The statements whose rows are kept. Each has `:sweep_id`. */
export const STATEMENTS = {
  runs: `SELECT config_position AS position, axes, seed, state, cause, test_accuracy, test_loss, val_accuracy, val_loss,
  train_accuracy, best_epoch, round(samples_per_second::numeric, 1) AS samples_per_second, round(useful_seconds::numeric, 2) AS useful_seconds, round(lost_seconds::numeric, 2) AS lost_seconds,
  macs, parameters, total_steps, dataset, samples, epochs, dataset_hash, device, threads, instruction_sets, one_dnn, precision,
  tensorflow, node, code, lockfile,
  to_jsonb(coalesce(notes, '{}')) AS notes, to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS finished
FROM runs WHERE sweep_id = CAST(:sweep_id AS uuid) ORDER BY config_position, seed`,
  curves: `SELECT runs.config_position AS position, runs.seed, curves.metric, curves.step, curves.epoch,
  round(curves.value::numeric, 5) AS value
FROM runs JOIN curves ON curves.run = runs.run
WHERE runs.sweep_id = CAST(:sweep_id AS uuid) AND curves.value IS NOT NULL
  AND curves.metric IN ('train/loss', 'train/accuracy', 'val/loss', 'val/accuracy')
ORDER BY runs.config_position, runs.seed, curves.metric, curves.step`,
} as const;

/** Values as PostgreSQL and JSON give them. */
export type SqlRows = { columns: readonly string[]; rows: readonly (readonly unknown[])[] };

const cellOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

export const toCsvText = ({ columns, rows }: SqlRows): string =>
  `${formatCsv(
    columns,
    rows.map((row) => row.map(cellOf)),
  )}\n`;

/** The same columns after a first one that names the sweep. */
export const ofSweep = (sweep: string, { columns, rows }: SqlRows): SqlRows => ({
  columns: ['sweep', ...columns],
  rows: rows.map((row) => [sweep, ...row]),
});

/** Rows of several sweeps as one table. */
export const joined = (parts: readonly SqlRows[]): SqlRows => ({
  columns: parts[0]?.columns ?? [],
  rows: parts.flatMap(({ rows }) => rows),
});

export const resultsFolder = (folder: string, scale: ScaleName): string => join(folder, 'results', scale);

/** Writes files of results, by name; `replace` removes those that were there. */
export async function writeResults(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  { replace = true }: { replace?: boolean } = {},
): Promise<void> {
  if (replace) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, name), content);
}

function parsed<T>(file: string, text: string, schema: z.ZodType<T>): T[] {
  return parseCsv(file, text).rows.map((row, i) => {
    const { success, data, error } = schema.safeParse(row);
    if (success) return data;
    const [issue] = error.issues;
    throw new UserError(`${file}: row ${i + 1}: ${issue?.path.join('.')}: ${issue?.message}`);
  });
}

/** Digits of a number in a table; the file keeps them all. */
const brief = (text: string): string =>
  /^-?\d+\.\d{5,}(?:e[-+]?\d+)?$/i.test(text) ? `${Number(Number(text).toPrecision(4))}` : text;

/** Rows as a table for readers; a column is of numbers if all of its cells are. */
function tableOf({ columns, rows }: ReturnType<typeof parseCsv>): Table {
  const cells = rows.map((row) => columns.map((column) => row[column] ?? ''));
  const right = columns.map((_, i) => cells.every((row) => row[i] === '' || Number.isFinite(Number(row[i]))));
  return {
    columns: columns.map((head, i) => ({ head: head.replaceAll('_', ' '), right: right[i] ?? false })),
    rows: cells.map((row) => row.map((cell) => textCell(brief(cell)))),
    sentences: [],
    legend: [],
    data: { columns, rows: cells },
  };
}

const OWN = new Set(['runs.csv', 'curves.csv']);

/** The results at a scale; null if there are none. @throws UserError if a file is damaged */
export async function readResults(studyFolder: string, scale: ScaleName): Promise<Results | null> {
  const folder = resultsFolder(studyFolder, scale);
  if (!existsSync(folder)) return null;
  const files = (await readdir(folder)).sort();
  const text = (file: string) => readFile(join(folder, file), 'utf8');
  const rows = async <T>(file: string, schema: z.ZodType<T>): Promise<T[]> =>
    files.includes(file) ? parsed(join(folder, file), await text(file), schema) : [];
  const tables = new Map<string, Table>();
  for (const file of files.filter((name) => name.endsWith('.csv') && !OWN.has(name))) {
    tables.set(file.replace(/\.csv$/, ''), tableOf(parseCsv(join(folder, file), await text(file))));
  }
  return {
    runs: await rows('runs.csv', RunRow),
    curves: await rows('curves.csv', CurveRow),
    tables,
    pictures: files.filter((name) => name.endsWith('.png')),
  };
}

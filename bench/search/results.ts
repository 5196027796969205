/** Results of the search bench, and their file. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Machine } from '../train/results.ts';

export const Measures = z.enum([
  'races',
  'bias',
  'sobol',
  'tpe',
  'gp',
  'rungs',
  'asks',
  'steps',
  'duplicates',
  'table',
  'plan',
]);
export type Measures = z.infer<typeof Measures>;

/** `peer`: what the other reaches, or what today's practice does. `met`: null without a bar. */
export const Measured = z.strictObject({
  measure: Measures,
  what: z.string(),
  measured: z.string(),
  peer: z.string(),
  target: z.string(),
  met: z.boolean().nullable(),
  n: z.string(),
});
export type Measured = z.infer<typeof Measured>;

/** What one run of the bench measured of each measure; a later run replaces the measures that it repeats. */
export const SearchResults = z.array(
  z.strictObject({ measure: Measures, machine: Machine, rows: z.array(Measured.omit({ measure: true })) }),
);
export type SearchResults = z.infer<typeof SearchResults>;

/** Empty if there is no such file. */
export const readSearchResults = (file: string): SearchResults =>
  existsSync(file) ? SearchResults.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];

/** Adds results to a file, in the order of the measures. */
export function addSearchResults(file: string, results: SearchResults): SearchResults {
  const repeated = new Set(results.map(({ measure }) => measure));
  const all = [...readSearchResults(file).filter(({ measure }) => !repeated.has(measure)), ...results].sort(
    (a, b) => Measures.options.indexOf(a.measure) - Measures.options.indexOf(b.measure),
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

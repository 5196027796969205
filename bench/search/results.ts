/** Results of the search bench, and their file. */
import { readFileSync } from 'node:fs';
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

export const SearchResults = z.strictObject({ measured: z.array(Measured), machine: Machine });
export type SearchResults = z.infer<typeof SearchResults>;

export const readSearchResults = (file: string): SearchResults =>
  SearchResults.parse(JSON.parse(readFileSync(file, 'utf8')));

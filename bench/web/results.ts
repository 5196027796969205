/** What is measured of the pages, and the file of results. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Machine } from '../train/results.ts';

/** Every measure, with the time in milliseconds that its median should stay below. */
export const MEASURES = {
  listPaint: { what: '`/`, 200 sweeps: largest paint, 4 × slower', target: 1200 },
  listInteractive: { what: '`/`, 200 sweeps: interactive, 4 × slower', target: 1500 },
  sweepPaint: { what: 'a sweep of 9 configs: largest paint, 4 × slower', target: 1200 },
  sweepInteractive: { what: 'a sweep of 9 configs: interactive, 4 × slower', target: 1500 },
  linesPaint: { what: '10,000 parallel lines: from the plot to its first paint', target: 100 },
  brush: { what: '10,000 parallel lines: from a move of the brush to its paint', target: 50 },
  sort: { what: '10,000 runs: from a click on a column to the sorted rows', target: 50 },
} as const satisfies Record<string, { what: string; target: number }>;
export type MeasureName = keyof typeof MEASURES;

const NAMES = Object.keys(MEASURES) as [MeasureName, ...MeasureName[]];

export const Measured = z.strictObject({
  name: z.enum(NAMES),
  median: z.number(),
  p95: z.number(),
  n: z.int(),
});
export type Measured = z.infer<typeof Measured>;

export const WebResults = z.strictObject({ browser: z.string(), measured: z.array(Measured), machine: Machine });
export type WebResults = z.infer<typeof WebResults>;

export const readWebResults = (file: string): WebResults => WebResults.parse(JSON.parse(readFileSync(file, 'utf8')));

/** @param times in milliseconds, in any order */
export function summary(name: MeasureName, times: readonly number[]): Measured {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { name, median: at(0.5), p95: at(0.95), n: sorted.length };
}

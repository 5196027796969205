/** The results as a table in Markdown. */
import { z } from 'zod';
import { processorText } from '../train/machine.ts';
import { Machine } from '../train/results.ts';
import { WAYS, type WayName } from './engines.ts';

const names = Object.keys(WAYS) as [WayName, ...WayName[]];

export const SweepResults = z.strictObject({
  size: z.strictObject({ images: z.int(), epochs: z.int(), seeds: z.int() }),
  runs: z.int(),
  measured: z.array(
    z.strictObject({
      name: z.enum(names),
      seconds: z.array(z.number()),
      peakMiB: z.number().nullable(),
      accuracies: z.array(z.number()),
    }),
  ),
  machine: Machine,
});
export type SweepResults = z.infer<typeof SweepResults>;

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

export function sweepTable({ size, runs, measured, machine }: SweepResults): string {
  const best = Math.min(...measured.flatMap(({ name, seconds }) => (WAYS[name].rival ? [mean(seconds)] : [])));
  const spread = (seconds: readonly number[]): string =>
    seconds.length > 1 ? ` (${Math.min(...seconds).toFixed(0)}–${Math.max(...seconds).toFixed(0)})` : '';
  return [
    '| how | seconds to the result | best of the others ÷ this | peak memory, MiB | mean test accuracy |',
    '|---|--:|--:|--:|--:|',
    ...measured.map(
      ({ name, seconds, peakMiB, accuracies }) =>
        `| ${WAYS[name].what} | ${mean(seconds).toFixed(0)}${spread(seconds)} | ${Number.isFinite(best) ? (best / mean(seconds)).toFixed(2) : '–'} | ${peakMiB ?? '–'} | ${(100 * mean(accuracies)).toFixed(1)} % |`,
    ),
    '',
    `${runs} runs of ${size.images} images of CIFAR-10, ${size.epochs} epochs, ${size.seeds} seeds, batches of 128; n = ${measured[0]?.seconds.length ?? 0} each, in turns; ${processorText(machine)}, ${machine.cores} cores, ${Object.entries(
      machine.versions,
    )
      .map((pair) => pair.join(' '))
      .join(', ')}.`,
  ].join('\n');
}

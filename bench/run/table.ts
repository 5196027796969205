/** The results as a table in Markdown. */
import { z } from 'zod';
import { processorText } from '../train/machine.ts';
import { Machine } from '../train/results.ts';

const Rates = z.array(z.number());

export const RunResults = z.strictObject({
  images: z.int(),
  epochs: z.int(),
  measured: z.array(
    z.strictObject({
      model: z.string(),
      /** Samples per second of the bare step, and of the run's training. */
      step: Rates,
      run: Rates,
    }),
  ),
  machine: Machine,
});
export type RunResults = z.infer<typeof RunResults>;

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const text = (rates: readonly number[]): string =>
  `${mean(rates).toFixed(0)} (${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)})`;

export function runTable({ images, epochs, measured, machine }: RunResults): string {
  return [
    '| samples/s: mean (slowest–fastest) | `bench -- train` | in a run | run ÷ bench | n |',
    '| --- | --: | --: | --: | --: |',
    ...measured.map(
      ({ model, step, run }) =>
        `| ${model} | ${text(step)} | ${text(run)} | ${(mean(run) / mean(step)).toFixed(2)} | ${run.length} |`,
    ),
    '',
    `${images} images of CIFAR-10, ${epochs} epochs, batches of 128, fp32, 2 threads, flips made beside the step; ${processorText(machine)}, ${machine.cores} cores, ${machine.date.slice(0, 10)}, load ${machine.loadBefore.toFixed(1)} before.`,
  ].join('\n');
}

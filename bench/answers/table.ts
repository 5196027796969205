/** The results as a table in Markdown. */
import { z } from 'zod';
import { processorText } from '../train/machine.ts';
import { Machine } from '../train/results.ts';
import { Latency, QUESTIONS } from './latencies.ts';

const AnswersResults = z.strictObject({
  runs: z.int(),
  points: z.int(),
  repeats: z.int(),
  measured: z.array(Latency),
  machine: Machine,
});

export function answersTable({ runs, points, repeats, measured, machine }: z.infer<typeof AnswersResults>): string {
  const count = (n: number) => n.toLocaleString('en-US');
  return [
    '| question | median | 95 % below | target | met |',
    '|---|---|---|---|---|',
    ...measured.map(({ name, median, p95 }) => {
      const { what, target } = QUESTIONS[name];
      const met = target === null ? '' : median < target ? 'yes' : '**no**';
      return `| ${what} | ${median.toFixed(1)} ms | ${p95.toFixed(1)} ms | ${target === null ? '' : `< ${target} ms`} | ${met} |`;
    }),
    '',
    `${repeats} requests each over HTTP, one at a time; ${count(runs)} runs and ${count(points)} metric points in PostgreSQL with its default settings; ${processorText(machine)}.`,
  ].join('\n');
}

/** The results as a table in Markdown. */
import { processorText } from '../train/machine.ts';
import { MEASURES, type WebResults } from './results.ts';

export function webTable({ browser, measured, machine }: WebResults): string {
  return [
    '| what | median | 95 % below | n | target |',
    '|---|---|---|---|---|',
    ...measured.map(({ name, median, p95, n }) => {
      const { what, target } = MEASURES[name];
      return `| ${what} | ${median.toFixed(0)} ms | ${p95.toFixed(0)} ms | ${n} | < ${target} ms |`;
    }),
    '',
    `${browser}, service on the same machine; ${machine.cores} cores of ${processorText(machine)}, load ${machine.loadBefore.toFixed(1)} before, ${machine.date.slice(0, 10)}.`,
  ].join('\n');
}

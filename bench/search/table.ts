/** The results as the table of docs/search.md. */
import { processorText } from '../train/machine.ts';
import type { SearchResults } from './results.ts';

/** Markdown: a row for each result, and the machine. */
export function searchTable({ measured, machine }: SearchResults): string {
  const rows = measured.map(
    ({ what, measured: value, peer, target, met, n }) =>
      `| ${what} | ${value} | ${peer} | ${target} | ${met === null ? '' : met ? 'yes' : '**no**'} | ${n} |`,
  );
  const versions = Object.entries(machine.versions).map(([name, version]) => `, ${name} ${version}`);
  return `| | measured | peer | target | met | n |
| --- | ---: | ---: | --- | --- | --- |
${rows.join('\n')}

Measured on ${machine.cores} cores (${processorText(machine)}, ${machine.memoryGiB} GiB, load ${machine.loadBefore.toFixed(2)} before), Node ${machine.node}${versions.join('')}, code ${machine.code}, ${machine.date.slice(0, 10)}.`;
}

/** The results as the table of docs/search.md. */
import { processorText } from '../train/machine.ts';
import type { Machine } from '../train/results.ts';
import type { SearchResults } from './results.ts';

function machineText(machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `, ${name} ${version}`);
  return `${machine.cores} cores (${processorText(machine)}, ${machine.memoryGiB} GiB, load ${machine.loadBefore.toFixed(2)} before), Node ${machine.node}${versions.join('')}, code ${machine.code}, ${machine.date.slice(0, 10)}`;
}

/** Markdown: a row for each result, and on what each measure was run. */
export function searchTable(results: SearchResults): string {
  const rows = results.flatMap((one) =>
    one.rows.map(
      ({ what, measured, peer, target, met, n }) =>
        `| ${what} | ${measured} | ${peer} | ${target} | ${met === null ? '' : met ? 'yes' : '**no**'} | ${n} |`,
    ),
  );
  const machines = new Map<string, string[]>();
  for (const { measure, machine } of results)
    machines.set(machineText(machine), [...(machines.get(machineText(machine)) ?? []), measure]);
  const measuredOn = [...machines].map(([machine, measures]) => `- ${measures.join(', ')}: ${machine}.`);
  return `| | measured | peer | target | met | n |
| --- | ---: | ---: | --- | --- | --- |
${rows.join('\n')}

Measured on:

${measuredOn.join('\n')}`;
}

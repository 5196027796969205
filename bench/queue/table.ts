/** The results as the table of docs/performance.md. */
import { processorText } from '../train/machine.ts';
import type { Machine } from '../train/results.ts';
import { type QueueResults, TARGETS } from './results.ts';

type Shown = { what: string; show: (value: number) => string; target?: string; met?: (value: number) => boolean };

function machineText(machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `, ${name} ${version}`);
  return `${machine.cores} cores (${processorText(machine)}, ${machine.memoryGiB} GiB, load ${machine.loadBefore.toFixed(2)} before), Node ${machine.node}${versions.join('')}, code ${machine.code}, ${machine.date.slice(0, 10)}`;
}

/** Markdown: a row for each result, the comparison, and the machine. */
export function queueTable({ measured, machine }: QueueResults): string {
  const others = [...new Map(measured.flatMap(({ machine: own }) => (own ? [[own.date, own]] : []))).values()];
  const rows = measured.map(({ name, value, notes, machine: own }) => {
    const { what, show, target = '', met }: Shown = TARGETS[name];
    return `| ${what} | ${show(value)}${own ? ` (${others.findIndex(({ date }) => date === own.date) + 1})` : ''} | ${target} | ${met === undefined ? '' : met(value) ? 'yes' : '**no**'} | ${notes} |`;
  });
  const value = (name: string): number | undefined => measured.find((row) => row.name === name)?.value;
  const [ours, best] = [value('noWork'), Math.max(value('optuna1') ?? 0, value('optuna4') ?? 0)];
  const ratio =
    ours !== undefined && best > 0
      ? `Ablate is ${(ours / best).toFixed(1)} × the best of Optuna (target: ≥ 3 ×).\n`
      : '';
  return `| | measured | target | met | |
| --- | ---: | ---: | --- | --- |
${rows.join('\n')}

${ratio}Measured on ${machineText(machine)}.${others.map((other, at) => `\n(${at + 1}) Measured on ${machineText(other)}.`).join('')}`;
}

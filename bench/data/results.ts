/** What is measured of loaders and packing, its file, and its table. */
import { readFileSync } from 'node:fs';
import { median } from '@ablate/statistics';
import { z } from 'zod';
import { processorText } from '../train/machine.ts';
import { Machine } from '../train/results.ts';
import { markdownTable } from '../train/table.ts';
import { WORKS, Work } from './task.ts';

/** `rates`: samples per second of each round. `peak`: peak memory of the process in MiB, null if the kernel does not report it. */
const Loader = z.strictObject({ rates: z.array(z.number()), peak: z.number().nullable(), notes: z.array(z.string()) });

export const DataResults = z.strictObject({
  /** Threads that make batches, and processes of the DataLoader. */
  threads: z.int(),
  measured: z.array(z.strictObject({ work: Work, ablate: Loader, torchvision: Loader.nullable() })),
  packing: z.strictObject({ images: z.int(), seconds: z.array(z.number()), source: z.string() }),
  machine: Machine,
});
export type DataResults = z.infer<typeof DataResults>;

export const readDataResults = (file: string): DataResults => DataResults.parse(JSON.parse(readFileSync(file, 'utf8')));

const speed = (rates: readonly number[]): string =>
  `${median(rates).toFixed(0)} (${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)})`;

export function dataTable({ threads, measured, packing, machine }: DataResults): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `, ${name} ${version}`);
  const batches = measured.map(({ work }) => WORKS[work].batch).join(', ');
  const rows = measured.map(({ work, ablate, torchvision }) => [
    WORKS[work].title,
    speed(ablate.rates),
    torchvision ? speed(torchvision.rates) : '–',
    torchvision ? (median(ablate.rates) / median(torchvision.rates)).toFixed(2) : '–',
    String(ablate.rates.length),
    String(ablate.peak ?? '–'),
  ]);
  return [
    `Measured ${machine.date.slice(0, 10)} on ${processorText(machine)}, ${machine.cores} cores, ${machine.memoryGiB} GiB, load ${machine.loadBefore.toFixed(2)} before, Node ${machine.node}${versions.join('')}; code ${machine.code}; ${threads} threads, ${threads} processes of the DataLoader, batches of ${batches}.`,
    markdownTable(
      [
        'samples/s: median (slowest–fastest round)',
        'ablate',
        'torchvision v2',
        'ratio',
        'n',
        'peak memory of the process, MiB',
      ],
      rows,
    ),
    measured
      .flatMap(({ work, torchvision }) =>
        (torchvision?.notes ?? []).map((note) => `- ${WORKS[work].title}: torchvision is faster with ${note}`),
      )
      .join('\n'),
    `Packing ${packing.images.toLocaleString('en')} images of cifar10 from ${packing.source}: ${median(packing.seconds).toFixed(1)} s (${packing.seconds.map((one) => one.toFixed(1)).join(', ')}).`,
  ].join('\n\n');
}

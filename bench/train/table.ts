/** Rows as Markdown: a table for each precision and number of threads, with the ratio to the best of PyTorch. */

import { geometricMean } from '@ablate/statistics';
import { Engine } from './engines.ts';
import { processorText } from './machine.ts';
import type { Machine, Row } from './results.ts';

export const markdownTable = (head: string[], lines: string[][]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const digits = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const isTorch = ({ engine }: Row): boolean => engine.startsWith('torch');
const distinct = <T>(values: T[]): T[] => [...new Set(values)];

/** Our speed relative to the fastest PyTorch engine on a model; null if one is missing. */
function ratioOf(rows: Row[]): number | null {
  const ours = rows.find(({ engine }) => engine === 'ablate');
  const theirs = rows.filter(isTorch).map(({ samplesPerSecond }) => samplesPerSecond);
  return ours && theirs.length > 0 ? ours.samplesPerSecond / Math.max(...theirs) : null;
}

/** Our peak memory relative to the fastest PyTorch engine; null if one is missing. */
function memoryRatioOf(rows: Row[]): number | null {
  const ours = rows.find(({ engine }) => engine === 'ablate')?.peakMemoryMiB ?? null;
  const [best] = rows.filter(isTorch).sort((a, b) => b.samplesPerSecond - a.samplesPerSecond);
  const theirs = best?.peakMemoryMiB ?? null;
  return ours === null || theirs === null ? null : ours / theirs;
}

const speed = ({ samplesPerSecond, spread: [slowest, fastest] }: Row): string =>
  `${digits(samplesPerSecond)} (${digits(slowest)}–${digits(fastest)})`;

/** One cell for each engine; a dash if it was not measured. */
const each = (rows: Row[], value: (row: Row) => string): string[] =>
  Engine.options.map((engine) => {
    const row = rows.find((candidate) => candidate.engine === engine);
    return row ? value(row) : '–';
  });

function section(rows: Row[], title: string): string {
  const models = distinct(rows.map(({ model }) => model)).map((model) => rows.filter((row) => row.model === model));
  const ratios = models.map(ratioOf);
  const known = ratios.filter((ratio) => ratio !== null);
  const throughput = markdownTable(
    ['samples/s: median (slowest–fastest round)', ...Engine.options, 'ablate ÷ best PyTorch'],
    models.map((ofModel, i) => [ofModel[0]?.model ?? '', ...each(ofModel, speed), ratios[i]?.toFixed(2) ?? '–']),
  );
  const costs = markdownTable(
    [
      'peak memory, MiB; first step ready, s',
      ...Engine.options,
      'ablate when compiled before',
      'without the step',
      'memory ÷ PyTorch',
    ],
    models.map((ofModel) => {
      const ours = ofModel.find(({ engine }) => engine === 'ablate');
      const again = ours?.compileSecondsAgain ?? null;
      const before = ours && again !== null ? again - ours.batchSize / ours.samplesPerSecond : null;
      const cost = (row: Row): string => `${row.peakMemoryMiB ?? '–'}; ${row.compileSeconds.toFixed(1)}`;
      const memory = memoryRatioOf(ofModel)?.toFixed(2) ?? '–';
      const times = [again, before].map((seconds) => seconds?.toFixed(1) ?? '–');
      return [ofModel[0]?.model ?? '', ...each(ofModel, cost), ...times, memory];
    }),
  );
  const mean =
    known.length > 0 ? `Geometric mean of ablate ÷ best PyTorch: **${geometricMean(known).toFixed(3)}**` : '';
  return [`### ${title}`, throughput, ...(mean ? [`${mean} (${known.length} models).`] : []), costs].join('\n\n');
}

function notes(rows: Row[]): string {
  const lines = rows.flatMap((row) =>
    row.notes.map((note) => `- ${row.engine}, ${row.model}, ${row.precision}: ${note}`),
  );
  return distinct(lines).join('\n');
}

/** The whole report. */
export function report(rows: Row[], machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const where = `Measured ${machine.date.slice(0, 10)} on ${processorText(machine)}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}, ${versions.join(', ')}; code ${machine.code}; load before ${machine.loadBefore.toFixed(2)}.`;
  const keys = distinct(
    rows.map(({ precision, threads }) => `${precision}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`),
  );
  const sections = keys.map((key) =>
    section(
      rows.filter(({ precision, threads }) => key.startsWith(`${precision}, ${threads} `)),
      key,
    ),
  );
  return [where, ...sections, notes(rows)].join('\n\n');
}

/** The report of a study: from its results alone, so that it can be remade at any time. */
import { answerTable } from '@ablate/answers';
import type { ScaleName } from '@ablate/contracts';
import { count } from '@ablate/contracts';
import { cellText, type Table, textCell } from '@ablate/tables';
import { figureOf, type Outcome, outcomeOf } from '../claims.ts';
import { figureWords, minutes } from '../figures.ts';
import { firstLine, outcomeText, SMOKE_LINE } from '../first-line.ts';
import { choiceOf, type PlannedSweep, plannedSweeps, runCommand } from '../plan.ts';
import type { Results, RunRow } from '../results.ts';
import type { Study } from '../study.ts';
import { type Answered, answeredSweep } from '../study-answer.ts';
import type { Block, Report } from './blocks.ts';
import { sweepPlots } from './plots.ts';

/** What a study's own query is about, from the head of its file. */
const titleOf = (text: string, name: string): string => /^--\s*title:\s*(.*)$/m.exec(text)?.[1]?.trim() ?? name;

/** Results read in the light of the study. */
export type Reading = {
  study: Study;
  scale: ScaleName;
  results: Results;
  sweeps: Answered[];
  outcomes: Outcome[];
  /** The command that made the results. */
  command: string;
};

/** The sweep that a claim is about: the one that it names, else the first. */
function sweepOf(sweeps: readonly Answered[], name: string | undefined): Answered | undefined {
  return name === undefined ? sweeps[0] : sweeps.find((sweep) => sweep.name === name);
}

/** @throws UserError if the results are not of this study as it is now */
export function readingOf(study: Study, scale: ScaleName, results: Results): Reading {
  const choice = choiceOf(study, scale, results);
  const planned: PlannedSweep[] = study.sweeps.length === 0 ? [] : plannedSweeps(study, choice);
  const sweeps = planned.map((sweep) => answeredSweep(sweep, results.runs));
  const outcomes = study.text.claims.flatMap((claim) => {
    const sweep = sweepOf(sweeps, claim.sweep);
    return sweep === undefined ? [] : [outcomeOf(claim, sweep)];
  });
  return { study, scale, results, sweeps, outcomes, command: runCommand(study, choice) };
}

/** What a measure says in sentences; the first of them stands at the head of the report. */
export const summaryOf = ({ tables }: Pick<Results, 'tables'>): string[] =>
  tables.get('summary')?.rows.map((row) => row.map(cellText).join(' ')) ?? [];

const distinct = (rows: readonly RunRow[], of: (row: RunRow) => string | number | null): string =>
  [...new Set(rows.flatMap((row) => of(row) ?? []))].join(', ') || 'unknown';

/** `2,500 images`, or all of them. */
const samplesText = (samples: number | 'all'): string => (samples === 'all' ? 'all images' : count(samples, 'image'));

/** What differs between scales, and what this one has. */
function scaleText({ text: { scales }, sweeps }: Study, scale: ScaleName, rows: readonly RunRow[]): string {
  if (scales === undefined) return '';
  const written = sweeps[0]?.spec.dataset.name ?? '';
  const other = rows.some(({ dataset }) => dataset !== written) ? ` in place of ${written}` : '';
  const seeds = new Set(rows.map(({ seed }) => seed)).size;
  const one = scales[scale];
  const full = scales.full;
  const compare =
    scale === 'full'
      ? ''
      : ` The full scale is ${samplesText(full.samples)}, ${count(full.epochs, 'epoch')} and ${count(full.seeds, 'seed')}; between scales nothing else differs.`;
  return `Scale ${scale}: ${samplesText(one.samples)} of ${distinct(rows, (row) => row.dataset)}${other}, ${count(one.epochs, 'epoch')}, ${count(seeds, 'seed')}.${compare}`;
}

/** The machine and the software, as the runs recorded them. */
function machineTable(rows: readonly RunRow[]): Table {
  const facts: [string, string][] = [
    ['device', distinct(rows, ({ device }) => device)],
    ['threads', distinct(rows, ({ threads }) => threads)],
    ['instruction sets', distinct(rows, ({ instruction_sets: sets }) => sets)],
    ['oneDNN', distinct(rows, ({ one_dnn: used }) => (used === null ? null : used === 'true' ? 'used' : 'not used'))],
    ['TensorFlow', distinct(rows, ({ tensorflow }) => tensorflow)],
    ['Node.js', distinct(rows, ({ node }) => node)],
    ['code', distinct(rows, ({ code }) => code?.replace(/^([0-9a-f]{12})[0-9a-f]*/, '$1') ?? null)],
    ['data', distinct(rows, ({ dataset, dataset_hash: hash }) => `${dataset} ${hash?.slice(0, 12) ?? ''}`.trim())],
    ['finished', distinct(rows, ({ finished }) => finished?.slice(0, 10) ?? null)],
  ];
  return plainTable(['made with', ''], facts);
}

const plainTable = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): Table => ({
  columns: heads.map((head, i) => ({ head, right: right.includes(i) })),
  rows: rows.map((row) => row.map(textCell)),
  sentences: [],
  legend: [],
  data: { columns: heads, rows },
});

function claimsTable(outcomes: readonly Outcome[]): Table {
  return plainTable(
    ['claim of the original', 'reported', 'here', 'verdict'],
    outcomes.map((outcome) => [
      `${outcome.of} is ${outcome.claim.is} than ${outcome.than} (${figureWords(outcome.figure)})`.replace(
        'same than',
        'the same as',
      ),
      outcome.claim.reported,
      outcomeText(outcome)
        .replace(/^.*: /, '')
        .replace(/, reported .*$/, ''),
      outcome.standing === 'open' ? outcome.verdict : outcome.standing,
    ]),
  );
}

/** Device seconds of all runs, with those that interruptions lost. */
export const deviceSeconds = (rows: readonly RunRow[]): { useful: number; lost: number } => ({
  useful: rows.reduce((sum, row) => sum + (row.useful_seconds ?? 0), 0),
  lost: rows.reduce((sum, row) => sum + (row.lost_seconds ?? 0), 0),
});

function costText(rows: readonly RunRow[]): string {
  const { useful, lost } = deviceSeconds(rows);
  const wasted = lost < 1 ? '' : `, and ${minutes(lost)} lost to interrupted attempts`;
  return `Cost: ${minutes(useful)} device-minutes for ${count(rows.length, 'run')}${wasted}.`;
}

function sweepBlocks(reading: Reading, answered: Answered): Block[] {
  const answer = answered.answer(figureOf(reading.study.text, answered));
  const heading = reading.sweeps.length > 1 ? `: ${answered.name}` : '';
  return [
    { kind: 'heading', text: `Answer${heading}` },
    { kind: 'table', table: answerTable(answer) },
    ...sweepPlots(answered, answer, reading.results.curves),
  ];
}

function measuredBlocks({ study, results }: Reading): Block[] {
  const titles = new Map(study.queries.map(({ name, text }) => [name, titleOf(text, name)]));
  return [
    ...summaryOf(results)
      .slice(1)
      .map((text): Block => ({ kind: 'paragraph', text })),
    ...[...results.tables]
      .filter(([name]) => name !== 'summary')
      .flatMap(([name, table]): Block[] => [
        { kind: 'heading', text: titles.get(name) ?? sentenceOf(name) },
        { kind: 'table', table },
      ]),
    ...(results.pictures.length > 0 ? [{ kind: 'heading' as const, text: 'Pictures' }] : []),
    ...results.pictures.map(
      (file): Block => ({ kind: 'picture', file, title: sentenceOf(file.replace(/\.png$/, '')) }),
    ),
  ];
}

/** `class-token-seed-1` as `Class token seed 1`. */
const sentenceOf = (name: string): string => {
  const text = name.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function firstOf({ scale, results, outcomes, sweeps }: Reading): string {
  if (scale === 'smoke' && sweeps.length > 0) return SMOKE_LINE;
  const [summary] = summaryOf(results);
  return outcomes.length === 0 && summary !== undefined ? summary : firstLine(outcomes);
}

/** The whole report. */
export function buildReport(reading: Reading): Report {
  const { study, scale, results, sweeps, outcomes, command } = reading;
  const { title, question, reported, reading: how } = study.text;
  return {
    title,
    first: firstOf(reading),
    blocks: [
      { kind: 'paragraph', text: question },
      { kind: 'list', items: [`Reported by the original: ${reported}`, `How to read it: ${how}`] },
      ...(sweeps.length > 0 ? [{ kind: 'paragraph' as const, text: scaleText(study, scale, results.runs) }] : []),
      ...(outcomes.length > 0
        ? [
            { kind: 'heading' as const, text: 'Against the original' },
            { kind: 'table' as const, table: claimsTable(outcomes) },
          ]
        : []),
      ...sweeps.flatMap((sweep) => sweepBlocks(reading, sweep)),
      ...measuredBlocks(reading),
      { kind: 'heading', text: 'Made with' },
      ...(results.runs.length > 0
        ? [
            { kind: 'paragraph' as const, text: costText(results.runs) },
            { kind: 'table' as const, table: machineTable(results.runs) },
          ]
        : []),
      { kind: 'command', text: command },
    ],
  };
}

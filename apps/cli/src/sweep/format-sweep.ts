/** A sweep or a run as text. */
import { axisTexts, formatPoint } from '@ablate/answers';
import { type Answer, count, type MetricView, type RunView, type SweepDetail } from '@ablate/contracts';
import { formatAnswer } from '../answer/format.ts';
import { formatPercent } from '../format.ts';
import { formatTable } from '../table.ts';

/** Runs listed below the table without --all. */
const MAX_LISTED = 40;

const percent = (share: number | null): string => (share === null ? '' : formatPercent(share));

/** The first line of a message, with a mark if there are more. */
function firstLine(message: string): string {
  const [first = '', ...more] = message.trimEnd().split('\n');
  return more.length === 0 ? first : `${first} …`;
}

function formatRuns(runs: readonly RunView[]): string {
  const text = axisTexts(runs);
  const rows = runs.map((run) => [
    run.id,
    formatPoint(run.axes, { text }),
    run.seed,
    run.reusedFrom ? 'reused' : run.state,
    run.attempt,
    percent(run.valAccuracy),
    percent(run.testAccuracy),
    run.state === 'failed' || run.state === 'queued' ? firstLine(run.message ?? run.cause ?? '') : '',
  ]);
  const columns = ['run', 'config', 'seed', 'state', 'attempt', 'val %', 'test %'];
  const explained = rows.some((row) => row.at(-1) !== '');
  return formatTable(explained ? [...columns, 'message'] : columns, rows);
}

type Shown = { sweep: SweepDetail; answer: Answer; runs: readonly RunView[] };

export function formatSweep({ sweep, answer, runs }: Shown, { every }: { every: boolean }): string {
  const counts = Object.entries(sweep.counts).flatMap(([state, n]) => (n > 0 ? [`${n} ${state}`] : []));
  const listed = every ? runs : runs.slice(0, MAX_LISTED);
  const rest = runs.length - listed.length;
  return [
    `${sweep.name}  (${sweep.state}: ${counts.join(', ')})`,
    '',
    formatAnswer(answer),
    '',
    formatRuns(listed),
    ...(rest > 0 ? [`${count(rest, 'more run')}: --all lists ${rest === 1 ? 'it' : 'them'}`] : []),
    ...(listed.some(({ message }) => message?.trimEnd().includes('\n'))
      ? ['messages marked … have more lines: `ablate show <run>` prints them']
      : []),
  ].join('\n');
}

/** One row per step, one column per metric. */
function formatMetrics(metrics: readonly MetricView[]): string {
  const names = [...new Set(metrics.map(({ name }) => name))];
  const steps = new Map<number, MetricView[]>();
  for (const metric of metrics) steps.set(metric.step, [...(steps.get(metric.step) ?? []), metric]);
  const rows = [...steps]
    .sort(([a], [b]) => a - b)
    .map(([step, found]) => [
      found[0]?.epoch.toFixed(1),
      step,
      ...names.map((name) => found.find((metric) => metric.name === name)?.value?.toPrecision(5) ?? ''),
    ]);
  return formatTable(['epoch', 'step', ...names], rows);
}

export function formatRun(run: RunView, metrics: readonly MetricView[]): string {
  const facts: [string, string | number | null][] = [
    ['run', run.id],
    ['sweep', run.sweepId],
    ['config', formatPoint(run.axes)],
    ['seed', run.seed],
    ['state', run.cause ? `${run.state} (${run.cause})` : run.state],
    ['message', run.message],
    ['reused from', run.reusedFrom],
    ['goes on from', run.forkedFrom],
    ['attempts', run.attempt],
    ['validation %', percent(run.valAccuracy)],
    ['test %', percent(run.testAccuracy)],
    ['train %', percent(run.trainAccuracy)],
    ['started', run.startedAt],
    ['finished', run.finishedAt],
    ...run.notes.map((note): [string, string] => ['note', note]),
  ];
  const lines = facts
    .filter(([, value]) => value !== null && value !== '')
    .map(
      ([name, value]) =>
        `${name.padEnd(12)}  ${String(value)
          .trimEnd()
          .replaceAll('\n', `\n${' '.repeat(14)}`)}`,
    );
  return [
    ...lines,
    '',
    ...(metrics.length > 0 ? [formatMetrics(metrics), ''] : []),
    JSON.stringify(run.config, null, 2),
  ].join('\n');
}

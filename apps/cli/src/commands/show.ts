import { formatPoint } from '@ablate/answers';
import { all } from '@ablate/client';
import { type Answer, isFinished, type MetricView, type RunView, type SweepDetail } from '@ablate/contracts';
import { formatAnswer } from '../answer/format.ts';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { formatPercent } from '../format.ts';
import { sweepOrRun } from '../sweep-or-run.ts';
import { formatTable } from '../table.ts';
import { hasWork, warnWithoutWorker } from '../workers.ts';

/** Runs listed below the table without --all. */
const MAX_LISTED = 40;

const percent = (share: number | null): string => (share === null ? '' : formatPercent(share));

function formatRuns(runs: readonly RunView[]): string {
  const rows = runs.map((run) => [
    run.id,
    formatPoint(run.axes),
    run.seed,
    run.state,
    run.attempt,
    percent(run.valAccuracy),
    percent(run.testAccuracy),
    run.state === 'failed' || run.state === 'queued' ? (run.message?.split('\n')[0]?.slice(0, 80) ?? run.cause) : '',
  ]);
  return formatTable(['run', 'config', 'seed', 'state', 'attempt', 'val %', 'test %', ''], rows);
}

type Shown = { sweep: SweepDetail; answer: Answer; runs: readonly RunView[] };

function formatSweep({ sweep, answer, runs }: Shown, { every }: { every: boolean }): string {
  const counts = Object.entries(sweep.counts).flatMap(([state, n]) => (n > 0 ? [`${n} ${state}`] : []));
  const listed = every ? runs : runs.slice(0, MAX_LISTED);
  const rest = runs.length - listed.length;
  return [
    `${sweep.name}  (${sweep.state}: ${counts.join(', ')})`,
    '',
    formatAnswer(answer),
    '',
    formatRuns(listed),
    ...(rest > 0 ? [`${rest} more runs: --all lists them`] : []),
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

function formatRun(run: RunView, metrics: readonly MetricView[]): string {
  const facts: [string, string | number | null][] = [
    ['run', run.id],
    ['sweep', run.sweepId],
    ['config', formatPoint(run.axes)],
    ['seed', run.seed],
    ['state', run.cause ? `${run.state} (${run.cause})` : run.state],
    ['message', run.message],
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
    .map(([name, value]) => `${name.padEnd(12)}  ${value}`);
  return [
    ...lines,
    '',
    ...(metrics.length > 0 ? [formatMetrics(metrics), ''] : []),
    JSON.stringify(run.config, null, 2),
  ].join('\n');
}

export const show: Register = (program, context) => {
  program
    .command('show')
    .description('Show a sweep: its results and its runs; or a run: its metrics by step, and its config.')
    .argument('<sweep|run>', 'id of a sweep or a run')
    .option('--all', `list all runs of a sweep, not only the first ${MAX_LISTED}`)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('show 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11'))
    .action(async (id: string, { json = false, all: every = false }: { json?: boolean; all?: boolean }) => {
      const api = await apiOf(context);
      const found = await sweepOrRun(
        () => api.sweeps.find(id),
        () => api.runs.find(id),
      );
      if ('run' in found) {
        const metrics = await all(api.runs.metrics(id));
        context.print(json ? asJson({ ...found.run, metrics }) : formatRun(found.run, metrics));
        return isFinished(found.run.state) ? undefined : warnWithoutWorker(api, context);
      }
      const runs = await all(api.sweeps.runs(id));
      const answer = await api.sweeps.answer(id);
      const { sweep } = found;
      context.print(json ? asJson({ ...sweep, runs, answer }) : formatSweep({ sweep, answer, runs }, { every }));
      if (hasWork(sweep)) await warnWithoutWorker(api, context);
    });
};

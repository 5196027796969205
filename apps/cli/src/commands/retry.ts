import { formatPoint } from '@ablate/answers';
import { type Api, all } from '@ablate/client';
import type { RunView } from '@ablate/contracts';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { count } from '../format.ts';
import { sweepOrRun } from '../sweep-or-run.ts';
import { formatTable } from '../table.ts';

type Options = { failed?: boolean; dryRun?: boolean; json?: boolean };

/** The runs of a sweep that would be requeued. @throws Refused if there are none */
async function retryable(api: Api, sweepId: string, failedOnly: boolean): Promise<RunView[]> {
  await api.sweeps.planRetry(sweepId, { state: failedOnly ? 'failed' : undefined });
  const failed = await all(api.sweeps.runs(sweepId, { state: 'failed' }));
  return failedOnly ? failed : [...failed, ...(await all(api.sweeps.runs(sweepId, { state: 'cancelled' })))];
}

function formatPlan(runs: readonly RunView[]): string {
  const rows = runs.map((run) => [run.id, formatPoint(run.axes), run.seed, run.cause, run.message]);
  return [
    formatTable(['run', 'config', 'seed', 'cause', 'message'], rows),
    `${count(runs.length, 'run')} would be retried; nothing was changed`,
  ].join('\n');
}

export const retry: Register = (program, context) => {
  program
    .command('retry')
    .description(
      'Requeue a failed or cancelled run, or all such runs of a sweep. They resume from their last checkpoints.',
    )
    .argument('<sweep|run>', 'id of a sweep or a run')
    .option('--failed', 'of a sweep: only the failed runs')
    .option('--dry-run', 'of a sweep: list the runs that would be requeued')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('retry 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --failed --dry-run'))
    .action(async (id: string, { failed = false, dryRun = false, json = false }: Options) => {
      const api = await apiOf(context);
      if (dryRun) {
        const runs = await retryable(api, id, failed);
        return context.print(json ? asJson({ runs }) : formatPlan(runs));
      }
      const retried = await sweepOrRun(
        () => api.sweeps.retry(id, { state: failed ? 'failed' : undefined }),
        () => api.runs.retry(id),
      );
      if (json) return context.print(asJson('sweep' in retried ? retried.sweep : retried.run));
      context.print(
        'sweep' in retried
          ? `sweep ${id}: ${retried.sweep.state}, ${count(retried.sweep.counts.queued, 'run')} queued`
          : `run ${id}: ${retried.run.state}`,
      );
    });
};

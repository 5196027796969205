import type { Api } from '@ablate/client';
import { count } from '@ablate/contracts/count';
import { UserError } from '@ablate/contracts/user-error';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { idHelp, resolveId } from '../resolve-id.ts';
import { formatTable } from '../table.ts';

type Options = { failed?: boolean; dryRun?: boolean; json?: boolean };

/** The runs of a sweep that would be requeued. @throws Refused if there are none */
async function retryable(api: Api, sweepId: string, failedOnly: boolean) {
  const { all } = await import('@ablate/client');
  await api.sweeps.planRetry(sweepId, { state: failedOnly ? 'failed' : undefined });
  const failed = await all(api.sweeps.runs(sweepId, { state: 'failed' }));
  return failedOnly ? failed : [...failed, ...(await all(api.sweeps.runs(sweepId, { state: 'cancelled' })))];
}

async function formatPlan(runs: Awaited<ReturnType<typeof retryable>>): Promise<string> {
  const { axisTexts, formatPoint } = await import('@ablate/answers');
  const text = axisTexts(runs);
  const rows = runs.map((run) => [run.id, formatPoint(run.axes, { text }), run.seed, run.cause, run.message]);
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
    .argument('<sweep|run>', idHelp('sweep or a run'))
    .option('--failed', 'of a sweep: only the failed runs')
    .option('--dry-run', 'of a sweep: list the runs that would be requeued')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('retry 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --failed --dry-run'))
    .action(async (text: string, { failed = false, dryRun = false, json = false }: Options) => {
      const api = await apiOf(context);
      const { kind, id } = await resolveId(api, text, ['sweep', 'run']);
      if (kind === 'run') {
        if (failed || dryRun) throw new UserError('--failed and --dry-run are for a sweep, not for a run', 'usage');
        const run = await api.runs.retry(id);
        return context.print(json ? asJson(run) : `run ${id}: ${run.state}`);
      }
      if (dryRun) {
        const runs = await retryable(api, id, failed);
        return context.print(json ? asJson({ runs }) : await formatPlan(runs));
      }
      const sweep = await api.sweeps.retry(id, { state: failed ? 'failed' : undefined });
      context.print(json ? asJson(sweep) : `sweep ${id}: ${sweep.state}, ${count(sweep.counts.queued, 'run')} queued`);
    });
};

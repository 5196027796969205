import { apiOf, asJson, examples, type Register } from '../command.ts';
import { idHelp, resolveId } from '../resolve-id.ts';
import { hasWork, warnWithoutWorker } from '../workers.ts';

export const show: Register = (program, context) => {
  program
    .command('show')
    .description('Show a sweep: its results and its runs; or a run: its metrics by step, and its config.')
    .argument('<sweep|run>', idHelp('sweep or a run'))
    .option('--all', 'list all runs of a sweep, not only the first 40')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('show 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11', 'show 1c11'))
    .action(async (text: string, { json = false, all: every = false }: { json?: boolean; all?: boolean }) => {
      const api = await apiOf(context);
      const { kind, id } = await resolveId(api, text, ['sweep', 'run']);
      const [{ all }, { isFinished }, { formatRun, formatSweep }] = await Promise.all([
        import('@ablate/client'),
        import('@ablate/contracts'),
        import('../sweep/format-sweep.ts'),
      ]);
      if (kind === 'run') {
        const [run, metrics] = await Promise.all([api.runs.find(id), all(api.runs.metrics(id))]);
        context.print(json ? asJson({ ...run, metrics }) : formatRun(run, metrics));
        return isFinished(run.state) ? undefined : warnWithoutWorker(api, context);
      }
      const [sweep, answer, runs] = await Promise.all([
        api.sweeps.find(id),
        api.sweeps.answer(id),
        all(api.sweeps.runs(id)),
      ]);
      context.print(json ? asJson({ ...sweep, runs, answer }) : formatSweep({ sweep, answer, runs }, { every }));
      if (hasWork(sweep)) await warnWithoutWorker(api, context);
    });
};

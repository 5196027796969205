import { apiOf, asJson, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';
import { formatTable } from '../table.ts';
import { hasWork, warnWithoutWorker } from '../workers.ts';

/** The first `count` items. */
async function first<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) === count) break;
  return found;
}

export const list: Register = (program, context) => {
  program
    .command('ls')
    .description('List sweeps, newest first.')
    .option('--limit <n>', 'number of sweeps', wholeNumber(1), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('ls --limit 5'))
    .action(async ({ limit, json = false }: { limit: number; json?: boolean }) => {
      const api = await apiOf(context);
      const sweeps = await first(api.sweeps.list(), limit);
      if (json) return context.print(asJson(sweeps));
      if (sweeps.length === 0) return context.print('no sweeps yet: `ablate submit studies/first-run/sweep.json`');
      const pruned = sweeps.some(({ counts }) => counts.pruned > 0);
      const rows = sweeps.map(({ id, name, state, counts, createdAt }) => [
        id,
        name,
        state,
        Object.values(counts).reduce((a, b) => a + b, 0),
        counts.succeeded,
        counts.failed,
        counts.cancelled,
        ...(pruned ? [counts.pruned] : []),
        counts.running,
        counts.queued,
        createdAt.slice(0, 16).replace('T', ' '),
      ]);
      const finished = ['succeeded', 'failed', 'cancelled', ...(pruned ? ['pruned'] : [])];
      const columns = ['sweep', 'name', 'state', 'runs', ...finished, 'running', 'queued', 'created (UTC)'];
      context.print(formatTable(columns, rows));
      if (sweeps.some(hasWork)) await warnWithoutWorker(api, context);
    });
};

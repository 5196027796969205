import { openApi } from '@ablate/client';
import type { Register } from '../command.ts';
import { positive } from '../option.ts';
import { formatTable } from '../table.ts';

/** Of an async list, the first `count`. */
async function first<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) === count) break;
  return found;
}

export const list: Register = (program, context) => {
  program
    .command('ls')
    .description('List sweeps, newest first.')
    .option('--limit <n>', 'how many', positive, 20)
    .option('--json', 'answer in JSON')
    .action(async ({ limit, json = false }: { limit: number; json?: boolean }) => {
      const { apiUrl } = await context.env();
      const sweeps = await first(openApi(apiUrl, { signal: context.signal }).sweeps(), limit);
      if (json) return context.print(JSON.stringify(sweeps, null, 2));
      if (sweeps.length === 0) return context.print('no sweeps yet: `ablate submit studies/first-run.json`');
      const rows = sweeps.map(({ id, name, state, counts, createdAt }) => [
        id,
        name,
        state,
        Object.values(counts).reduce((a, b) => a + b, 0),
        counts.succeeded,
        counts.failed,
        counts.running,
        counts.queued,
        createdAt.slice(0, 16).replace('T', ' '),
      ]);
      const columns = ['sweep', 'name', 'state', 'runs', 'succeeded', 'failed', 'running', 'queued', 'created (UTC)'];
      context.print(formatTable(columns, rows));
    });
};

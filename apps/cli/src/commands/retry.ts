import { openApi } from '@ablate/client';
import type { Register } from '../command.ts';

export const retry: Register = (program, context) => {
  program
    .command('retry')
    .description('Queue a failed or cancelled run again; it goes on from its last checkpoint.')
    .argument('<run>', 'its id')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { apiUrl } = await context.env();
      const run = await openApi(apiUrl, { signal: context.signal }).retryRun(id);
      context.print(json ? JSON.stringify(run, null, 2) : `run ${id}: ${run.state}`);
    });
};

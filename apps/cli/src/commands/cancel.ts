import { ofSweepOrRun, openApi } from '@ablate/client';
import type { Register } from '../command.ts';

export const cancel: Register = (program, context) => {
  program
    .command('cancel')
    .description('Cancel a sweep or a run. What is running saves a checkpoint and stops within seconds.')
    .argument('<sweep|run>', 'its id')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { apiUrl } = await context.env();
      const api = openApi(apiUrl, { signal: context.signal });
      const answer = await ofSweepOrRun(
        () => api.cancelSweep(id),
        () => api.cancelRun(id),
      );
      if (json) return context.print(JSON.stringify(answer, null, 2));
      context.print(
        'sweep' in answer ? `sweep ${id}: ${answer.sweep.state}` : `run ${id}: ${describe(answer.run.state)}`,
      );
    });
};

const describe = (state: string): string => (state === 'running' ? 'running, asked to stop' : state);

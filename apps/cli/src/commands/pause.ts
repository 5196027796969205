import { ofSweepOrRun, openApi } from '@ablate/client';
import type { Register } from '../command.ts';

export const pause: Register = (program, context) => {
  program
    .command('pause')
    .description('Let a sweep or a run wait. What is running saves a checkpoint and stops within seconds.')
    .argument('<sweep|run>', 'its id')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { apiUrl } = await context.env();
      const api = openApi(apiUrl, { signal: context.signal });
      const answer = await ofSweepOrRun(
        () => api.pauseSweep(id),
        () => api.pauseRun(id),
      );
      if (json) return context.print(JSON.stringify(answer, null, 2));
      const running = 'sweep' in answer ? answer.sweep.counts.running : Number(answer.run.state === 'running');
      context.print(
        `${'sweep' in answer ? 'sweep' : 'run'} ${id}: paused${running > 0 ? `, ${running} asked to stop` : ''}; \`ablate resume ${id}\``,
      );
    });
};

export const resume: Register = (program, context) => {
  program
    .command('resume')
    .description('Let a paused sweep or run go on, from its last checkpoints.')
    .argument('<sweep|run>', 'its id')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { apiUrl } = await context.env();
      const api = openApi(apiUrl, { signal: context.signal });
      const answer = await ofSweepOrRun(
        () => api.resumeSweep(id),
        () => api.resumeRun(id),
      );
      if (json) return context.print(JSON.stringify(answer, null, 2));
      const waits = 'run' in answer && answer.run.paused ? '; its sweep is paused' : '';
      context.print(
        'sweep' in answer ? `sweep ${id}: ${answer.sweep.state}` : `run ${id}: ${answer.run.state}${waits}`,
      );
    });
};

import { apiOf, asJson, examples, type Register } from '../command.ts';

export const retry: Register = (program, context) => {
  program
    .command('retry')
    .description('Requeue a failed or cancelled run. It resumes from its last checkpoint.')
    .argument('<run>', 'id of a run')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('retry 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11'))
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const run = await (await apiOf(context)).runs.retry(id);
      context.print(json ? asJson(run) : `run ${id}: ${run.state}`);
    });
};

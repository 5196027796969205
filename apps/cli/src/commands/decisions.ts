import { visible } from '@ablate/tables/visible';
import { apiOf, asJsonLine, examples, type Register } from '../command.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

type Options = { all?: boolean; json?: boolean };

export const decisions: Register = (program, context) => {
  program
    .command('decisions')
    .description('List what the search of a sweep decided, in order.')
    .argument('<sweep>', idHelp('sweep'))
    .option('--all', 'list its configs, runs and results too')
    .option('--json', 'print one JSON object per line, of all decisions, with the hash of their inputs')
    .addHelpText('after', examples('decisions 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11', 'decisions 1c11 --json'))
    .action(async (text: string, { all = false, json = false }: Options) => {
      const api = await apiOf(context);
      const { id } = await resolveId(api, text, ['sweep']);
      let listed = 0;
      for await (const row of api.sweeps.decisions(id, { summary: !all && !json })) {
        context.print(json ? asJsonLine(row) : visible(`${row.number}  ${row.text}`));
        listed++;
      }
      if (listed === 0 && !json) context.print('nothing is decided: see `search` in docs/spec.md');
    });
};

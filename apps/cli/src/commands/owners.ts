import { apiOf, asJson, examples, type Register } from '../command.ts';
import { orNone, positiveNumber, wholeNumber } from '../option.ts';
import { formatTable } from '../table.ts';

type Options = { weight?: number; running?: number | null; json?: boolean };

export const owners: Register = (program, context) => {
  program
    .command('owners')
    .description('List the owners that share the workers. With a name, set the weight and the limit of an owner.')
    .argument('[owner]', 'name of an owner: the field "owner" of a spec')
    .option('--weight <n>', 'share of the workers, relative to other owners with queued runs', positiveNumber)
    .option('--running <n|none>', 'maximum number of runs at the same time', orNone(wholeNumber(1)))
    .option('--json', 'print JSON')
    .addHelpText('after', examples('owners', 'owners ann --weight 2 --running 8'))
    .action(async (name: string | undefined, { weight, running, json = false }: Options) => {
      const api = await apiOf(context);
      const limits = running === undefined ? undefined : { running };
      const items = name === undefined ? await api.owners.list() : [await api.owners.set(name, { weight, limits })];
      if (json) return context.print(asJson(items));
      const rows = items.map((owner) => [
        owner.name,
        owner.weight,
        owner.limits.running ?? '',
        owner.running,
        owner.queued,
      ]);
      context.print(formatTable(['owner', 'weight', 'limit', 'running', 'queued'], rows));
    });
};

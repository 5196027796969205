import { openApi } from '@ablate/client';
import { InvalidArgumentError } from 'commander';
import type { Register } from '../command.ts';
import { formatTable } from '../table.ts';

function weight(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number above 0');
  return value;
}

function running(text: string): number | null {
  if (text === 'none') return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1, or none');
  return value;
}

export const owners: Register = (program, context) => {
  program
    .command('owners')
    .description('List who shares the machines; with a name, give an owner its weight and its limit.')
    .argument('[owner]', 'a name; sweeps name theirs as "owner"')
    .option('--weight <n>', 'runs for each run of an owner of weight 1, while both wait', weight)
    .option('--running <n|none>', 'runs at once at most', running)
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExample: ablate owners ann --weight 2 --running 8')
    .action(async (name: string | undefined, options: { weight?: number; running?: number | null; json?: boolean }) => {
      const { apiUrl } = await context.env();
      const api = openApi(apiUrl, { signal: context.signal });
      const limits = options.running === undefined ? undefined : { running: options.running };
      const items =
        name === undefined
          ? (await api.owners()).items
          : [await api.setOwner(name, { weight: options.weight, limits })];
      if (options.json) return context.print(JSON.stringify(items, null, 2));
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

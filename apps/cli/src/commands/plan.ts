import type { Plan } from '@ablate/contracts';
import { count } from '@ablate/contracts/count';
import { visible } from '@ablate/tables/visible';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { readSpec } from '../sweep/spec-file.ts';

function linesOf({ plan, space }: Plan): string[] {
  if (space === undefined) return plan.lines;
  const { seen, valid, unique, rejected } = space;
  return [
    ...plan.lines,
    `${count(seen, 'point')} looked at: ${valid} valid, ${count(unique, 'distinct config')}.`,
    ...rejected.map(({ pointer, detail }) => `${pointer}: ${detail}`),
  ];
}

export const plan: Register = (program, context) => {
  program
    .command('plan')
    .description('Say what a sweep would ask for, cost and show, by what the service has measured. Submits nothing.')
    .argument('<spec.json>', 'file of the spec; - reads stdin')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('plan studies/first-run/sweep.json'))
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      const planned = await (await apiOf(context)).sweeps.plan(await readSpec(file));
      if (json) return context.print(asJson(planned));
      for (const line of linesOf(planned)) context.print(visible(line));
    });
};

import { UserError } from '@ablate/contracts/user-error';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { number, orNone } from '../option.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

type Options = { priority?: number; running?: number | null; deviceHours?: number | null; json?: boolean };

export const set: Register = (program, context) => {
  program
    .command('set')
    .description(
      'Change the priority and the limits of a sweep. Queued runs are affected at once; running ones continue.',
    )
    .argument('<sweep>', idHelp('sweep'))
    .option('--priority <n>', '-100 to 100; runs of the same owner start in descending order', number)
    .option('--running <n|none>', 'maximum number of runs at the same time', orNone(number))
    .option('--device-hours <n|none>', 'budget: hours that all attempts may take together', orNone(number))
    .option('--json', 'print JSON')
    .addHelpText('after', examples('set 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --priority 5 --running none'))
    .action(async (text: string, { priority, running, deviceHours, json = false }: Options) => {
      if (priority === undefined && running === undefined && deviceHours === undefined)
        throw new UserError('nothing to change: give --priority, --running or --device-hours', 'usage');
      const api = await apiOf(context);
      const { id } = await resolveId(api, text, ['sweep']);
      const sweep = await api.sweeps.change(id, {
        priority,
        limits: running === undefined ? undefined : { running },
        budget: deviceHours === undefined ? undefined : { deviceHours },
      });
      const { limits, budget } = sweep;
      context.print(
        json
          ? asJson(sweep)
          : `sweep ${id}: priority ${sweep.priority}, running limit ${limits.running ?? 'none'}, device hours ${budget.deviceHours ?? 'unlimited'}`,
      );
    });
};

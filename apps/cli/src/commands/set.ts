import { openApi } from '@ablate/client';
import { InvalidArgumentError } from 'commander';
import type { Register } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';

/** A number, or `none`. */
const limit = (text: string): number | null => (text === 'none' ? null : number(text));

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('must be a number');
  return value;
}

export const set: Register = (program, context) => {
  program
    .command('set')
    .description('Change what a sweep may use. What waits feels it at once; nothing that runs is ended.')
    .argument('<sweep>', 'its id')
    .option('--priority <n>', '-100 to 100: of one owner’s runs the highest come first', number)
    .option('--running <n|none>', 'runs at once at most', limit)
    .option('--device-hours <n|none>', 'hours that its attempts may take together', limit)
    .option('--json', 'answer in JSON')
    .action(
      async (
        id: string,
        options: { priority?: number; running?: number | null; deviceHours?: number | null; json?: boolean },
      ) => {
        const { priority, running, deviceHours, json = false } = options;
        if (priority === undefined && running === undefined && deviceHours === undefined)
          throw new Failure('name what to change: --priority, --running or --device-hours', EXIT.usage);
        const { apiUrl } = await context.env();
        const sweep = await openApi(apiUrl, { signal: context.signal }).changeSweep(id, {
          priority,
          limits: running === undefined ? undefined : { running },
          budget: deviceHours === undefined ? undefined : { deviceHours },
        });
        context.print(
          json
            ? JSON.stringify(sweep, null, 2)
            : `sweep ${id}: priority ${sweep.priority}, ${sweep.limits.running ?? 'any number of'} runs at once, ${sweep.budget.deviceHours ?? 'any number of'} device hours`,
        );
      },
    );
};

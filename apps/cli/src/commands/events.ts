import { type Api, type EventFilter, followEvents } from '@ablate/client';
import type { EventView } from '@ablate/contracts';
import { apiOf, examples, type Register } from '../command.ts';
import { sweepOrRun } from '../sweep-or-run.ts';
import { visible } from '../text.ts';

type Options = { follow?: boolean; json?: boolean };

const line = ({ number, at, subject, sweepId, runId, attempt, before, state, cause, message }: EventView): string => {
  const id = subject === 'sweep' ? sweepId : subject === 'run' ? runId : `${runId} #${attempt}`;
  const change = before === null || before === state ? state : `${before} → ${state}`;
  const reason = [cause, message].filter((part) => part !== null).join(': ');
  const time = at.slice(0, 19).replace('T', ' ');
  return visible(`${number}  ${time}  ${subject} ${id}  ${change}${reason === '' ? '' : `  (${reason})`}`);
};

async function filterOf(api: Api, id: string | undefined): Promise<EventFilter> {
  if (id === undefined) return {};
  const found = await sweepOrRun(
    () => api.sweeps.find(id),
    () => api.runs.find(id),
  );
  return 'sweep' in found ? { sweepId: id } : { runId: id };
}

export const events: Register = (program, context) => {
  program
    .command('events')
    .description('List state changes with their causes, oldest first: all, or those of a sweep or a run.')
    .argument('[sweep|run]', 'id of a sweep or a run')
    .option('-f, --follow', 'print new events as they occur, until Ctrl-C')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', examples('events --follow', 'events 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --json'))
    .action(async (id: string | undefined, { follow = false, json = false }: Options) => {
      const { signal, print } = context;
      const api = await apiOf(context);
      const filter = await filterOf(api, id);
      for await (const event of follow ? followEvents(api, { filter, after: 0, signal }) : api.events.list(filter))
        print(json ? JSON.stringify(event) : line(event));
    });
};

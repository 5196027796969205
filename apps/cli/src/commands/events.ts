import type { Api, EventFilter } from '@ablate/client';
import type { EventView } from '@ablate/contracts';
import { visible } from '@ablate/tables/visible';
import { apiOf, asJsonLine, examples, type Register } from '../command.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

type Options = { follow?: boolean; json?: boolean };

const line = ({ number, at, subject, sweepId, runId, attempt, before, state, cause, message }: EventView): string => {
  const id = subject === 'sweep' ? sweepId : subject === 'run' ? runId : `${runId} #${attempt}`;
  const change = before === null || before === state ? state : `${before} → ${state}`;
  const reason = [cause, message].filter((part) => part !== null).join(': ');
  const time = at.slice(0, 19).replace('T', ' ');
  return visible(`${number}  ${time}  ${subject} ${id}  ${change}${reason === '' ? '' : `  (${reason})`}`);
};

async function filterOf(api: Api, text: string | undefined): Promise<EventFilter> {
  if (text === undefined) return {};
  const { kind, id } = await resolveId(api, text, ['sweep', 'run']);
  return kind === 'sweep' ? { sweepId: id } : { runId: id };
}

export const events: Register = (program, context) => {
  program
    .command('events')
    .description('List state changes with their causes, oldest first: all, or those of a sweep or a run.')
    .argument('[sweep|run]', idHelp('sweep or a run'))
    .option('-f, --follow', 'print new events as they occur, until Ctrl-C')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', examples('events --follow', 'events 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --json'))
    .action(async (text: string | undefined, { follow = false, json = false }: Options) => {
      const { signal, print } = context;
      const api = await apiOf(context);
      const filter = await filterOf(api, text);
      const { followEvents } = await import('@ablate/client');
      for await (const event of follow ? followEvents(api, { filter, after: 0, signal }) : api.events.list(filter))
        print(json ? asJsonLine(event) : line(event));
    });
};

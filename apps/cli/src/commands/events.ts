import { followEvents, ofSweepOrRun, openApi } from '@ablate/client';
import type { EventView } from '@ablate/contracts';
import type { Register } from '../command.ts';
import { visible } from '../table.ts';

type Options = { follow?: boolean; json?: boolean };

const line = ({ number, at, subject, sweepId, runId, attempt, before, state, cause, message }: EventView): string => {
  const who = subject === 'sweep' ? sweepId : subject === 'run' ? runId : `${runId} #${attempt}`;
  const change = before === null || before === state ? state : `${before} → ${state}`;
  const why = [cause, message].filter((part) => part !== null).join(': ');
  const time = at.slice(0, 19).replace('T', ' ');
  return visible(`${number}  ${time}  ${subject} ${who}  ${change}${why === '' ? '' : `  (${why})`}`);
};

export const events: Register = (program, context) => {
  program
    .command('events')
    .description('Every change of a state with its cause, in order: of all, of a sweep, or of a run.')
    .argument('[sweep|run]', 'its id')
    .option('-f, --follow', 'go on with those that come, until Ctrl-C')
    .option('--json', 'one JSON object a line')
    .action(async (id: string | undefined, { follow = false, json = false }: Options) => {
      const { apiUrl } = await context.env();
      const { signal } = context;
      const api = openApi(apiUrl, { signal });
      const of: Record<string, string> = {};
      if (id !== undefined)
        Object.assign(
          of,
          'sweep' in
            (await ofSweepOrRun(
              () => api.findSweep(id),
              () => api.findRun(id),
            ))
            ? { sweepId: id }
            : { runId: id },
        );
      for await (const event of follow ? followEvents(api, { of, after: 0, signal }) : api.events(of))
        context.print(json ? JSON.stringify(event) : line(event));
    });
};

import { UserError } from '@ablate/contracts/user-error';
import { visible } from '@ablate/tables/visible';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { number, wholeNumber } from '../option.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

/** A value of an axis as it is written in JSON; anything else is a string. */
function axisValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `model.heads=3` as a path and a value. @throws UserError */
function assignment(text: string): [string, unknown] {
  const end = text.indexOf('=');
  if (end < 1) throw new UserError(`${text}: must be an axis and its value, such as model.heads=3`, 'usage');
  return [text.slice(0, end), axisValue(text.slice(end + 1))];
}

export const ask: Register = (program, context) => {
  program
    .command('ask')
    .description(
      'Ask a sweep whose search is "ask" for a config: one that its sampler suggests, or the one with these values.',
    )
    .argument('<sweep>', idHelp('sweep'))
    .argument('[axis=value...]', 'a value for each axis: this config is tried')
    .option('--no-train', 'do not train it: `ablate tell` reports what you measure')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('ask 1c11', 'ask 1c11 model.heads=3 train.optimizer.learningRate=0.002'))
    .action(async (text: string, values: string[], { train, json = false }: { train: boolean; json?: boolean }) => {
      const axes = Object.fromEntries(values.map(assignment));
      const api = await apiOf(context);
      const { id } = await resolveId(api, text, ['sweep']);
      const trial = await api.sweeps.ask(id, { ...(values.length > 0 && { axes }), train });
      if (json) return context.print(asJson(trial));
      const { formatPoint } = await import('@ablate/answers');
      const next = trial.runs.length > 0 ? '' : `; \`ablate tell ${id} ${trial.trial} VALUE\` reports its value`;
      context.print(visible(`trial ${trial.trial}, by ${trial.by}: ${formatPoint(trial.axes)}${next}`));
    });
};

export const tell: Register = (program, context) => {
  program
    .command('tell')
    .description('Tell a sweep whose search is "ask" what you measured of a trial, or end it.')
    .argument('<sweep>', idHelp('sweep'))
    .argument('[trial]', 'number of the trial', wholeNumber(0))
    .argument('[value]', 'its value in the metric of `compare`, or failed', (text) =>
      text === 'failed' ? null : number(text),
    )
    .option('--finish', 'end the sweep: runs without a result are dropped')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('tell 1c11 0 0.731', 'tell 1c11 1 failed', 'tell 1c11 --finish'))
    .action(
      async (
        text: string,
        trial: number | undefined,
        value: number | null | undefined,
        { finish = false, json = false }: { finish?: boolean; json?: boolean },
      ) => {
        const told = trial !== undefined && value !== undefined ? { trial, value } : null;
        if (finish ? trial !== undefined : told === null)
          throw new UserError('give a trial and its value, a number or failed; or --finish', 'usage');
        const api = await apiOf(context);
        const { id } = await resolveId(api, text, ['sweep']);
        if (told === null) {
          const sweep = await api.sweeps.finish(id);
          return context.print(json ? asJson(sweep) : `sweep ${id}: ${sweep.state}`);
        }
        const known = await api.sweeps.tell(id, told.trial, told.value);
        context.print(json ? asJson(known) : `trial ${known.trial}: ${known.value ?? 'failed'}`);
      },
    );
};

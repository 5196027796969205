import { UserError } from '@ablate/contracts/user-error';
import { type FigureOptions, figureOptions } from '../answer/options.ts';
import { apiOf, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';
import { idHelp, resolveId } from '../resolve-id.ts';

type Options = FigureOptions & { baseline?: string; limit: number };

export const answer: Register = (program, context) => {
  const command = program
    .command('answer')
    .description('The answer of a sweep: what is better, by how much, whether it is more than noise, what it cost.')
    .argument('[sweep]', `${idHelp('sweep')} (default: the latest sweep)`)
    .option('--baseline <config>', 'position, id, or values such as patchSize=8,ordering=preNorm')
    .option('--limit <n>', 'maximum number of rows, up to 1000', wholeNumber(1), 200);
  figureOptions(command)
    .addHelpText(
      'after',
      examples('answer', 'answer --split validation --baseline 0', 'answer --format latex > table.tex'),
    )
    .action(async (text: string | undefined, { format, json, ...query }: Options) => {
      const api = await apiOf(context);
      const id = text === undefined ? await latest(api.sweeps.list()) : (await resolveId(api, text, ['sweep'])).id;
      const { formatAnswer } = await import('../answer/format.ts');
      const answered = formatAnswer(await api.sweeps.answer(id, query), json ? 'json' : format);
      if (format === 'csv' && !json) context.write(answered);
      else context.print(answered);
    });
};

/** The id of the first sweep of a list, newest first. */
async function latest(sweeps: AsyncIterable<{ id: string }>): Promise<string> {
  for await (const { id } of sweeps) return id;
  throw new UserError('no sweeps yet: `ablate submit studies/first-run/sweep.json`');
}

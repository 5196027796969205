import { UserError } from '@ablate/contracts';
import { formatAnswer } from '../answer/format.ts';
import { type FigureOptions, figureOptions } from '../answer/options.ts';
import { apiOf, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';

type Options = FigureOptions & { baseline?: string; limit: number };

export const answer: Register = (program, context) => {
  const command = program
    .command('answer')
    .description('The answer of a sweep: what is better, by how much, whether it is more than noise, what it cost.')
    .argument('[sweep]', 'id of a sweep (default: the latest sweep)')
    .option('--baseline <config>', 'position, id, or values such as patchSize=8,ordering=preNorm')
    .option('--limit <n>', 'maximum number of rows, up to 1000', wholeNumber(1), 200);
  figureOptions(command)
    .addHelpText(
      'after',
      examples('answer', 'answer --split validation --baseline 0', 'answer --format latex > table.tex'),
    )
    .action(async (id: string | undefined, { format, json, ...query }: Options) => {
      const api = await apiOf(context);
      const sweep = id ?? (await latest(api.sweeps.list()));
      context.print(formatAnswer(await api.sweeps.answer(sweep, query), json ? 'json' : format));
    });
};

/** The id of the first sweep of a list, newest first. */
async function latest(sweeps: AsyncIterable<{ id: string }>): Promise<string> {
  for await (const { id } of sweeps) return id;
  throw new UserError('no sweeps yet: `ablate submit studies/first-run.json`');
}

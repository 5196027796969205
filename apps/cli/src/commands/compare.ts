import { formatComparison } from '../answer/comparison.ts';
import { type FigureOptions, figureOptions } from '../answer/options.ts';
import { apiOf, asJson, examples, type Register } from '../command.ts';

export const compare: Register = (program, context) => {
  const command = program
    .command('compare')
    .description(
      'Compare configs, of one sweep or of several: figures, and what differs in config, data, code, environment.',
    )
    .argument(
      '<config...>',
      'ids of configs, or sweep:position as in the table of `ablate answer`; the first is the baseline',
    );
  figureOptions(command, ['table', 'json'])
    .addHelpText(
      'after',
      examples('compare 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11:0 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11:3'),
    )
    .action(async (configs: string[], { format, json, ...query }: FigureOptions) => {
      const comparison = await (await apiOf(context)).compare(configs, query);
      context.print(json || format === 'json' ? asJson(comparison) : formatComparison(comparison));
    });
};

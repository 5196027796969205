import type { Api } from '@ablate/client';
import { type FigureOptions, figureOptions } from '../answer/options.ts';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { resolveId } from '../resolve-id.ts';

/** A config as the API takes it: `config`, or `sweep:position`, whose ids may be short. */
async function configId(api: Api, text: string): Promise<string> {
  const [id = '', position] = text.split(':');
  if (position === undefined) return (await resolveId(api, id, ['config'])).id;
  return `${(await resolveId(api, id, ['sweep'])).id}:${position}`;
}

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
      const api = await apiOf(context);
      const comparison = await api.compare(await Promise.all(configs.map((config) => configId(api, config))), query);
      const { formatComparison } = await import('../answer/comparison.ts');
      context.print(json || format === 'json' ? asJson(comparison) : formatComparison(comparison));
    });
};

/** Options that `answer` and `compare` share. */
import { AnswerMetric, AnswerSplit } from '@ablate/contracts';
import { type Command, Option } from 'commander';
import { FORMATS, type Format } from './format.ts';

export type FigureOptions = { split: AnswerSplit; metric?: AnswerMetric; format: Format; json?: boolean };

/** `--split`, `--metric`, `--format` and `--json`. */
export const figureOptions = (command: Command, formats: readonly Format[] = FORMATS): Command =>
  command
    .addOption(
      new Option('--split <split>', 'images that the figures are of; choose between configs on validation')
        .choices(AnswerSplit.options)
        .default('test'),
    )
    .addOption(new Option('--metric <metric>', "default: that of the sweep's spec").choices(AnswerMetric.options))
    .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table'))
    .option('--json', 'the same as --format json');

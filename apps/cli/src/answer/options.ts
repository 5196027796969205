/** Options that `answer` and `compare` share. */
import type { AnswerMetric, AnswerSplit } from '@ablate/contracts';
import { type Command, Option } from 'commander';

const FORMATS = ['table', 'markdown', 'latex', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

// Help needs no schemas; the compiler compares these lists with theirs.
const SPLITS = ['test', 'validation', 'train'] as const satisfies readonly AnswerSplit[];
const METRICS = ['accuracy', 'loss'] as const satisfies readonly AnswerMetric[];

export type FigureOptions = { split: AnswerSplit; metric?: AnswerMetric; format: Format; json?: boolean };

/** `--split`, `--metric`, `--format` and `--json`. */
export const figureOptions = (command: Command, formats: readonly Format[] = FORMATS): Command =>
  command
    .addOption(
      new Option('--split <split>', 'images that the figures are of; choose between configs on validation')
        .choices(SPLITS)
        .default('test'),
    )
    .addOption(new Option('--metric <metric>', "default: that of the sweep's spec").choices(METRICS))
    .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table'))
    .option('--json', 'the same as --format json');

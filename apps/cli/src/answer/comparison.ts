/** A comparison of configs as text. */
import { differenceCell, figureHead, formatValue, printed, verdictText } from '@ablate/answers';
import type { ConfigComparison } from '@ablate/contracts';
import { cellText } from '@ablate/tables';
import { visible } from '@ablate/tables/visible';
import { formatTable } from '../table.ts';
import { cut } from '../text.ts';

/** Columns of a value in the table of differences. */
const VALUE_WIDTH = 40;

function figures({ rows, metric, split }: ConfigComparison): string {
  const several = new Set(rows.map(({ sweep }) => sweep.id)).size > 1;
  const heads = [
    '',
    ...(several ? ['sweep'] : []),
    'config',
    'n',
    figureHead({ split, metric }),
    `Δ ${split}`,
    'verdict',
  ];
  const cells = rows.map((row, i) => [
    letter(i),
    ...(several ? [row.sweep.name] : []),
    row.name,
    `${row.n}`,
    row.mean === null ? '' : cellText(printed(metric, row.mean, row.sd)),
    cellText(differenceCell(row, metric)),
    verdictText(row, metric),
  ]);
  return formatTable(heads, cells);
}

/** A, B, …: at most 20 configs. */
const letter = (i: number): string => String.fromCharCode(65 + i);

function differences({ differences: found, rows }: ConfigComparison): string {
  if (found.length === 0) return 'nothing differs in config, data, code and environment';
  const text = (values: readonly unknown[]) =>
    values.length === 0 ? '(absent)' : cut(visible(values.map(formatValue).join(' | ')), VALUE_WIDTH);
  return formatTable(
    ['', 'what differs', ...rows.map((_, i) => letter(i))],
    found.map(({ part, path, values }) => [part, path, ...values.map(text)]),
  );
}

const mcnemar = ({ mcnemar: tests, rows, metric }: ConfigComparison): string[] =>
  tests.length === 0 || metric !== 'accuracy'
    ? []
    : [
        '',
        formatTable(
          ['', 'seed', 'images', 'only this right', 'only A right', 'McNemar p'],
          tests.map(({ configId, seed, images, onlyThis, onlyBaseline, p }) => [
            letter(rows.findIndex((row) => row.configId === configId)),
            ...[seed, images, onlyThis, onlyBaseline, p.toPrecision(3)],
          ]),
        ),
      ];

export const formatComparison = (comparison: ConfigComparison): string =>
  [
    ...comparison.headline.map(visible),
    ...comparison.warnings.map((warning) => `warning: ${visible(warning)}`),
    '',
    figures(comparison),
    '',
    differences(comparison),
    ...mcnemar(comparison),
  ].join('\n');

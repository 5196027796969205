/** How to read the table of an answer. */
import type { Answer } from '@ablate/contracts';
import { figureHead } from './answer-columns.ts';

export function legend(answer: Answer): string[] {
  const { rows, split, metric, baseline, omitted, configs, covers } = answer;
  const compares = rows.some(({ comparison }) => comparison?.difference != null);
  const chosen =
    split === 'test' ? ', best epoch chosen on validation, test measured once' : ', of the best epoch on validation';
  return [
    ...(omitted > 0
      ? [`${rows.length} of ${configs} configs, best first: --limit shows more, and the view "ablation" in SQL has all`]
      : []),
    `${figureHead({ split, metric })}: mean ± sample sd over n seeds${chosen}`,
    ...(compares && baseline
      ? [
          `Δ ${split}: against ${baseline.name}, paired by seed, ± half of its 95 % interval`,
          `better, worse: beyond noise at 5 % for the whole table (docs/statistics.md); ${covers}`,
        ]
      : []),
  ];
}

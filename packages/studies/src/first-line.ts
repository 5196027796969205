/** How results stand against what the original reported, in one sentence: the first line of a report. */

import { signedAmount } from '@ablate/answers';
import { VERDICT_WORDS } from '@ablate/statistics';
import type { Outcome } from './claims.ts';

/** `v2 against v1: −2.10 ± 0.80 points, reported worse`. */
export const outcomeText = ({ of, than, difference, half, figure, claim }: Outcome): string =>
  `${of} against ${than}: ${difference === null ? 'no result' : signedAmount(difference, half, figure.metric)}, reported ${claim.is}`;

/** The first line of a report at the smoke scale, whatever its figures are. */
export const SMOKE_LINE = 'A smoke run: it shows that the study works. Its figures answer nothing.';

export function firstLine(outcomes: readonly Outcome[]): string {
  const of = (standing: Outcome['standing']) => outcomes.filter((outcome) => outcome.standing === standing);
  const [agreeing, contrary, open] = [of('agrees'), of('contradicts'), of('open')];
  const all = outcomes.length;
  if (all === 0) return 'The original reported no figure to compare with.';
  const parts = [
    ...(agreeing.length > 0 ? [`agrees on ${agreeing.length}`] : []),
    ...(open.length > 0 ? [`cannot tell ${open.length} from noise`] : []),
  ];
  if (contrary.length > 0)
    return `Contradicts the original on ${contrary.length} of ${all} claims (${contrary.map(outcomeText).join('; ')})${parts.length > 0 ? `; ${parts.join(', ')}` : ''}.`;
  if (open.every(({ verdict }) => verdict === VERDICT_WORDS['no-noise-estimate']) && open.length === all)
    return `No estimate of noise: ${open.map(outcomeText).join('; ')}.`;
  if (open.length === all)
    return `Cannot be told from noise: ${all === 1 ? outcomes.map(outcomeText).join('') : `none of the ${all} claims of the original is shown or refuted`}.`;
  return `Agrees with the original on ${agreeing.length} of ${all} ${all === 1 ? 'claim' : 'claims'}${open.length > 0 ? `; cannot tell the other${open.length === 1 ? '' : ` ${open.length}`} from noise` : ''}.`;
}

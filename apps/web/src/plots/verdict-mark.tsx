/** The verdicts as words and shapes: never by colour alone. */
import type { Verdict } from '@ablate/contracts';
import css from './verdict-mark.module.css';

type Look = { word: string; path: string; filled: boolean; className: string };

const LOOKS: Record<Verdict, Look> = {
  baseline: { word: 'baseline', path: 'M6 1 11 6 6 11 1 6Z', filled: true, className: 'baseline' },
  better: { word: 'better', path: 'M6 1 11 10.5H1Z', filled: true, className: 'better' },
  worse: { word: 'worse', path: 'M6 11 1 1.5H11Z', filled: true, className: 'worse' },
  equivalent: { word: 'same within the margin', path: 'M1 4H11M1 8H11', filled: false, className: 'same' },
  noise: { word: 'cannot be told from noise', path: 'M6 1.5a4.5 4.5 0 1 0 .01 0Z', filled: false, className: 'noise' },
  'no-noise-estimate': { word: 'no estimate of noise', path: 'M1 6H11', filled: false, className: 'noise' },
  'no-result': { word: 'no result', path: 'M2 2 10 10M10 2 2 10', filled: false, className: 'noise' },
};

export const verdictWord = (verdict: Verdict): string => LOOKS[verdict].word;
export const verdictClass = (verdict: Verdict): string => css[LOOKS[verdict].className] ?? '';

/** The shape alone, in a 12 × 12 box. */
export function VerdictShape({ verdict }: { verdict: Verdict }) {
  const { path, filled } = LOOKS[verdict];
  return <path d={path} fill={filled ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth={filled ? 0 : 1.6} />;
}

/** `word`: in place of that of the verdict, where there is more to say. */
export function VerdictMark({ verdict, word = verdictWord(verdict) }: { verdict: Verdict; word?: string }) {
  return (
    <span className={`${css.mark} ${verdictClass(verdict)}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <VerdictShape verdict={verdict} />
      </svg>
      {word}
    </span>
  );
}

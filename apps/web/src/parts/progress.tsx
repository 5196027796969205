import type { Counts } from '@ablate/contracts';
import { count } from '../format/number.ts';
import css from './progress.module.css';

const KINDS = ['succeeded', 'running', 'failed', 'cancelled', 'pruned', 'queued'] as const;

/** Runs of a sweep by state, as a bar and in words. */
export function RunsBar({ counts }: { counts: Counts }) {
  const total = KINDS.reduce((sum, kind) => sum + counts[kind], 0);
  const words = KINDS.filter((kind) => counts[kind] > 0)
    .map((kind) => `${count(counts[kind])} ${kind}`)
    .join(', ');
  return (
    <div className={css.runs}>
      <svg className={css.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {KINDS.map((kind, i) => {
          const before = KINDS.slice(0, i).reduce((sum, other) => sum + counts[other], 0);
          return (
            <rect
              key={kind}
              className={css[kind]}
              x={(100 * before) / (total || 1)}
              width={(100 * counts[kind]) / (total || 1)}
              height="6"
            />
          );
        })}
      </svg>
      <span>{words || 'no runs'}</span>
    </div>
  );
}

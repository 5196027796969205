import type { SweepItem } from '@ablate/contracts';
import { duration } from '../../format/number.ts';
import { Time } from '../../format/time.tsx';
import { RunsBar } from '../../parts/progress.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './sweep-row.module.css';

/** What the sweep says: its verdict, or why there is none. */
function verdictOf({ verdict, counts, state }: SweepItem): string {
  if (verdict !== null) return verdict;
  const { succeeded, failed, pruned } = counts;
  if (succeeded > 0) return 'The verdict is being computed.';
  if (state === 'cancelled') return 'Cancelled before a run had a result.';
  if (state === 'finished') return failed + pruned > 0 ? 'No run succeeded: open it to see why.' : 'No result.';
  return state === 'queued' ? 'Waits for a worker.' : 'No result yet.';
}

/** One sweep in the list: what it varies and what it says, its progress, its cost. */
export function SweepRow({ sweep }: { sweep: SweepItem }) {
  const unfinished = sweep.counts.queued + sweep.counts.running > 0;
  return (
    <li className={css.row}>
      <div className={css.what}>
        <Link className={css.name} href={to.sweep(sweep.id)}>
          <bdi>{sweep.name}</bdi>
        </Link>
        {sweep.varies !== null && <span className={css.varies}>{sweep.varies}</span>}
        <p className={css.verdict} title={sweep.verdict ?? undefined} data-none={sweep.verdict === null || undefined}>
          {sweep.verdict !== null && unfinished && <span className={css.so}>So far: </span>}
          {verdictOf(sweep)}
        </p>
      </div>
      <RunsBar counts={sweep.counts} />
      <dl className={css.facts}>
        <div>
          <dt className="visually-hidden">Device time</dt>
          <dd>{sweep.deviceSeconds > 0 ? `${duration(sweep.deviceSeconds)} used` : 'no device time'}</dd>
        </div>
        {sweep.secondsLeft !== null && (
          <div>
            <dt className="visually-hidden">Time left</dt>
            <dd>{duration(Math.max(1, sweep.secondsLeft))} left</dd>
          </div>
        )}
      </dl>
      <dl className={css.facts}>
        <div>
          <dt className="visually-hidden">State</dt>
          <dd className={css.state} data-state={sweep.state}>
            {sweep.state}
          </dd>
        </div>
        <div>
          <dt className="visually-hidden">Submitted</dt>
          <dd>
            <Time at={sweep.createdAt} />
          </dd>
        </div>
        <div>
          <dt className="visually-hidden">Owner</dt>
          <dd>
            <bdi>{sweep.owner}</bdi>
          </dd>
        </div>
      </dl>
    </li>
  );
}

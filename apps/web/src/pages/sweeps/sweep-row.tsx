import type { SweepView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { answerQuery } from '../../data/queries.ts';
import { Time } from '../../format/time.tsx';
import { RunsBar } from '../../parts/progress.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './sweep-row.module.css';

/** One sweep in the list: name, what the answer says, progress. */
export function SweepRow({ sweep }: { sweep: SweepView }) {
  const { data: answer } = useQuery(answerQuery(sweep.id));
  return (
    <li className={css.row}>
      <div className={css.what}>
        <Link className={css.name} href={to.sweep(sweep.id)}>
          <bdi>{sweep.name}</bdi>
        </Link>
        <p className={css.headline}>{answer?.headline[0] ?? ' '}</p>
      </div>
      <RunsBar counts={sweep.counts} />
      <div className={css.meta}>
        <span data-state={sweep.state} className={css.state}>
          {sweep.state}
        </span>
        <Time at={sweep.createdAt} />
        <bdi>{sweep.owner}</bdi>
      </div>
    </li>
  );
}

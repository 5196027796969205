import type { SweepDetail } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { decisionsQuery } from '../../data/queries.ts';
import css from './failures.module.css';

/** What the search of a sweep decided, in sentences. Nothing for a sweep whose search does not decide. */
export function Decisions({ sweep }: { sweep: SweepDetail }) {
  const { data = [] } = useQuery(decisionsQuery(sweep.id, sweep.state === 'running'));
  if (data.length === 0) return null;
  return (
    <section className={css.notes} id="decisions">
      <h2>What the search decided</h2>
      <ol>
        {data.map(({ number, text, at }) => (
          <li key={number} title={at}>
            <bdi>{text}</bdi>
          </li>
        ))}
      </ol>
    </section>
  );
}

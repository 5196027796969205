import type { RunView } from '@ablate/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { sweepRunsQuery } from '../../data/queries.ts';
import { percent, pointName } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { to } from '../../router/routes.ts';
import css from './runs-table.module.css';

const point = ({ axes }: RunView): string => pointName(axes) || 'as written';

const share = (value: number | null): string => (value === null ? '–' : percent(value));

function progress({ progress: at }: RunView): string {
  if (!at) return '';
  return at.stage ? at.stage.name : `${Math.floor((100 * at.step) / Math.max(1, at.totalSteps))} %`;
}

/** The runs of a sweep: a row each, linked to its page. */
export function RunsTable({ id }: { id: string }) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    sweepRunsQuery(id),
  );
  const runs = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className={css.panel}>
      <h2>Runs</h2>
      {isPending && <Loading what="runs" />}
      {error && <Failed error={error} what="runs" retry={() => void refetch()} />}
      {runs.length > 0 && (
        <Scroll label="Runs" className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">config</th>
                <th scope="col">seed</th>
                <th scope="col">state</th>
                <th scope="col">validation %</th>
                <th scope="col">test %</th>
                <th scope="col">attempt</th>
                <th scope="col">message</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <th scope="row">
                    <Link href={to.run(run.id)}>
                      <bdi>{point(run)}</bdi>
                    </Link>
                  </th>
                  <td>{run.seed}</td>
                  <td data-state={run.state}>
                    {run.paused && run.state !== 'succeeded' ? 'paused' : run.state}{' '}
                    {run.state === 'running' && progress(run)}
                  </td>
                  <td>{share(run.valAccuracy)}</td>
                  <td>{share(run.testAccuracy)}</td>
                  <td>{run.attempt}</td>
                  <td className={css.message}>
                    <bdi>{run.message ?? ''}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'Load more runs'}
        </button>
      )}
    </section>
  );
}

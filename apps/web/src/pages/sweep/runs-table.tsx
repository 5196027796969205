import { axisTexts, formatPoint } from '@ablate/answers';
import type { Counts, RunView } from '@ablate/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { sweepRunsQuery } from '../../data/queries.ts';
import { axisName, count, percent, plural } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { SqlLink } from '../../parts/sql-link.tsx';
import { Failed, isRefused, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { changeSearch, useParameter } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import css from './runs-table.module.css';

const share = (value: number | null): string => (value === null ? '–' : percent(value));

function progress({ progress: at }: RunView): string {
  if (!at) return '';
  return at.stage ? at.stage.name : `${Math.floor((100 * at.step) / Math.max(1, at.totalSteps))} %`;
}

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'pruned'] as const;

/** Columns and the order that each gives; figures are sorted greatest first. */
const COLUMNS: [title: string, order: string | null, figure: boolean][] = [
  ['config', 'config', false],
  ['seed', 'seed', false],
  ['state', 'state', false],
  ['validation %', 'validation', true],
  ['test %', 'test', true],
  ['attempts', 'attempts', true],
  ['message', null, false],
];

/** The runs of a sweep: a row each, linked to its page. The database sorts: a sweep may have 100,000. */
export function RunsTable({ id, counts }: { id: string; counts: Counts }) {
  const order = useParameter('runs') ?? undefined;
  const state = useParameter('runState') ?? undefined;
  const by = order?.replace(/^-/, '');
  const descending = order?.startsWith('-') === true;
  const { data, error, isPending, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(sweepRunsQuery(id, { order: by, descending: descending ? 'true' : undefined, state }));
  const runs = data?.pages.flatMap(({ items }) => items) ?? [];
  const text = axisTexts(runs);
  const total = STATES.reduce((sum, each) => sum + (state === undefined || state === each ? counts[each] : 0), 0);
  const sortBy = (next: string, figure: boolean) => {
    const [first, second] = figure ? [`-${next}`, next] : [next, `-${next}`];
    changeSearch({ runs: order === first ? second : order === second ? undefined : first }, { replace: true });
  };
  return (
    <section className={css.panel} id="runs">
      <div className={css.head}>
        <h2>Runs</h2>
        <label>
          <span className="visually-hidden">State</span>
          <select
            value={state ?? ''}
            onChange={({ target }) => changeSearch({ runState: target.value || undefined }, { replace: true })}
          >
            <option value="">All {count(STATES.reduce((sum, each) => sum + counts[each], 0))} runs</option>
            {STATES.filter((each) => counts[each] > 0 || each === state).map((each) => (
              <option key={each} value={each}>
                {count(counts[each])} {each}
              </option>
            ))}
          </select>
        </label>
        <SqlLink
          of="runs"
          sql={`select run, axes, seed, state, val_accuracy, test_accuracy, attempt, message\nfrom runs\nwhere sweep_id = '${id}'${state === undefined ? '' : ` and state = '${state}'`}\norder by config_position, seed`}
        />
      </div>
      {isPending && <Loading what="runs" />}
      {error && (!data || isRefused(error)) && <Failed error={error} what="runs" retry={() => void refetch()} />}
      {runs.length > 0 && (
        <Scroll label="Runs" className={css.scroll}>
          <table className={css.table} aria-rowcount={total + 1} aria-busy={isPlaceholderData}>
            <caption className="visually-hidden">Runs of the sweep</caption>
            <thead>
              <tr aria-rowindex={1}>
                {COLUMNS.map(([title, orders, figure]) => (
                  <th
                    scope="col"
                    key={title}
                    className={figure ? css.number : undefined}
                    aria-sort={orders !== null && by === orders ? (descending ? 'descending' : 'ascending') : undefined}
                  >
                    {orders === null ? (
                      title
                    ) : (
                      <button type="button" className={css.sort} onClick={() => sortBy(orders, figure)}>
                        {title}
                        {by === orders && <span aria-hidden="true">{descending ? ' ▼' : ' ▲'}</span>}
                      </button>
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.map((run, i) => (
                <tr key={run.id} aria-rowindex={i + 2}>
                  <th scope="row">
                    <Link href={to.run(run.id)}>
                      <bdi>{formatPoint(run.axes, { text, wording: axisName })}</bdi>
                    </Link>
                  </th>
                  <td>{run.seed}</td>
                  <td data-state={run.state}>
                    {run.reusedFrom ? 'reused' : run.paused && run.state !== 'succeeded' ? 'paused' : run.state}{' '}
                    {run.state === 'running' && progress(run)}
                  </td>
                  <td className={css.number}>{share(run.valAccuracy)}</td>
                  <td className={css.number}>{share(run.testAccuracy)}</td>
                  <td className={css.number}>{run.attempt}</td>
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
          {isFetchingNextPage ? 'Loading …' : `Load more of ${plural(total, 'run')}`}
        </button>
      )}
    </section>
  );
}

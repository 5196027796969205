import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { sweepsQuery } from '../../data/queries.ts';
import { plural } from '../../format/number.ts';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { useSearch } from '../../router/location.ts';
import { SweepRow } from './sweep-row.tsx';
import css from './sweeps-page.module.css';

const COMMANDS = ['npx ablate submit studies/first-run.json --wait', 'npx ablate ls', 'npx ablate answer'];

function Nothing() {
  return (
    <Empty title="No sweeps yet">
      <p>A sweep trains every config of a spec with several seeds. Its answer appears here. To submit the sample:</p>
      <ul className={css.commands}>
        {COMMANDS.map((command) => (
          <li key={command}>
            <code>{command}</code>
          </li>
        ))}
      </ul>
    </Empty>
  );
}

export function SweepsPage() {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    sweepsQuery(),
  );
  const [search, change] = useSearch();
  const wanted = search.get('q') ?? '';
  const state = search.get('state') ?? '';
  useEffect(() => {
    document.title = 'Sweeps · Ablate';
  }, []);
  if (isPending) return <Loading what="sweeps" />;
  if (error && !data) return <Failed error={error} what="sweeps" retry={() => void refetch()} />;
  const sweeps = data?.pages.flatMap(({ items }) => items) ?? [];
  const shown = sweeps.filter(
    (sweep) =>
      (state === '' || sweep.state === state) &&
      `${sweep.name} ${sweep.owner} ${sweep.id}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <>
      <div className={css.head}>
        <h1>Sweeps</h1>
        <label>
          <span className="visually-hidden">Filter by name, owner or id</span>
          <input
            type="search"
            placeholder="Filter by name, owner or id"
            value={wanted}
            onChange={({ target }) => change({ q: target.value || undefined }, { replace: true })}
          />
        </label>
        <label>
          <span className="visually-hidden">State</span>
          <select
            value={state}
            onChange={({ target }) => change({ state: target.value || undefined }, { replace: true })}
          >
            <option value="">All states</option>
            {['queued', 'running', 'paused', 'finished', 'cancelled'].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {sweeps.length === 0 ? (
        <Nothing />
      ) : shown.length === 0 ? (
        <Empty title="No sweep matches">
          <p>{plural(sweeps.length, 'sweep')} loaded. Change the filter, or load more.</p>
          <button type="button" onClick={() => change({ q: undefined, state: undefined })}>
            Remove the filter
          </button>
        </Empty>
      ) : (
        <ul className={css.list}>
          {shown.map((sweep) => (
            <SweepRow key={sweep.id} sweep={sweep} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <button type="button" className={css.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'Load more sweeps'}
        </button>
      )}
    </>
  );
}

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { ownersQuery, type SweepsFilter, sweepsQuery } from '../../data/queries.ts';
import { useShortcut } from '../../parts/shortcuts.ts';
import { Empty, Failed, isRefused, Loading } from '../../parts/states.tsx';
import { navigate, useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { NoSweeps } from './no-sweeps.tsx';
import { SweepRow } from './sweep-row.tsx';
import css from './sweeps-page.module.css';

const STATES = ['queued', 'running', 'paused', 'finished', 'cancelled'];
const ORDERS = { newest: 'Newest first', oldest: 'Oldest first', name: 'By name', cost: 'By device time' };

/** Choices with the one that the address has, even if it is none of them. */
const withChosen = (choices: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || choices.includes(chosen) ? choices : [...choices, chosen];

function Filter({ filter, change }: { filter: SweepsFilter; change: (filter: SweepsFilter) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const { data: owners } = useQuery({ ...ownersQuery(), refetchInterval: false });
  const names = withChosen(owners?.map(({ name }) => name) ?? [], filter.owner);
  useShortcut(
    '/',
    useCallback(() => field.current?.focus(), []),
  );
  useShortcut(
    'n',
    useCallback(() => navigate(to.new()), []),
  );
  return (
    <search className={css.filter}>
      <label>
        <span className="visually-hidden">Search by name, owner or id</span>
        <input
          ref={field}
          type="search"
          placeholder="Search name, owner or id"
          aria-keyshortcuts="/"
          value={filter.search ?? ''}
          onChange={({ target }) => change({ ...filter, search: target.value || undefined })}
        />
      </label>
      <label>
        <span className="visually-hidden">State</span>
        <select
          value={filter.state ?? ''}
          onChange={({ target }) => change({ ...filter, state: target.value || undefined })}
        >
          <option value="">All states</option>
          {withChosen(STATES, filter.state).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {names.length > 1 && (
        <label>
          <span className="visually-hidden">Owner</span>
          <select
            value={filter.owner ?? ''}
            onChange={({ target }) => change({ ...filter, owner: target.value || undefined })}
          >
            <option value="">All owners</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        <span className="visually-hidden">Order</span>
        <select value={filter.order ?? 'newest'} onChange={({ target }) => change({ ...filter, order: target.value })}>
          {Object.entries(ORDERS).map(([order, title]) => (
            <option key={order} value={order}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

export function SweepsPage() {
  const [search, change] = useSearch();
  const filter: SweepsFilter = {
    search: search.get('q')?.trim() || undefined,
    state: search.get('state') ?? undefined,
    owner: search.get('owner') ?? undefined,
    order: search.get('order') ?? undefined,
  };
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    sweepsQuery(filter),
  );
  useEffect(() => {
    document.title = 'Sweeps · Ablate';
  }, []);
  const sweeps = data?.pages.flatMap(({ items }) => items) ?? [];
  const filtered = filter.search !== undefined || filter.state !== undefined || filter.owner !== undefined;
  return (
    <>
      <div className={css.head}>
        <h1>Sweeps</h1>
        <Filter
          filter={{ ...filter, search: search.get('q') ?? undefined }}
          change={({ search: q, ...others }) => change({ q, ...others }, { replace: true })}
        />
        <p className={css.keys}>
          <kbd>/</kbd> searches, <kbd>n</kbd> starts a sweep
        </p>
      </div>
      {error && (!data || isRefused(error)) && <Failed error={error} what="sweeps" retry={() => void refetch()} />}
      {isPending && <Loading what="sweeps" />}
      {data && sweeps.length === 0 && !filtered && <NoSweeps />}
      {data && sweeps.length === 0 && filtered && (
        <Empty title="No sweep matches">
          <button type="button" onClick={() => change({ q: undefined, state: undefined, owner: undefined })}>
            Remove the filter
          </button>
        </Empty>
      )}
      {sweeps.length > 0 && (
        <ul className={css.list}>
          {sweeps.map((sweep) => (
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

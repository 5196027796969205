import type { RunView } from '@ablate/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { runQuery, sweepQuery, sweepRunsQuery } from '../../data/queries.ts';
import { RequestError } from '../../data/request.ts';
import { pointName } from '../../format/number.ts';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { Link } from '../../router/link.tsx';
import { navigate, useSearch } from '../../router/location.ts';
import { to } from '../../router/routes.ts';
import { ImageStrip } from './image-strip.tsx';
import css from './inside.module.css';
import { type Inside, insideQuery, isDifferential, PARTS, type Part } from './inside-file.ts';
import { RunInside, type View } from './run-inside.tsx';

const runName = (run: RunView): string => `${pointName(run.axes) || 'as written'}, seed ${run.seed}`;

const partOf = (text: string | null): Part => PARTS.find((part) => part === text) ?? 'difference';

const viewOf = (search: URLSearchParams): View => ({
  image: Math.max(0, Math.floor(Number(search.get('image') ?? 1)) - 1 || 0),
  map: search.get('map'),
  part: partOf(search.get('part')),
  shared: search.get('scale') === 'shared',
});

/** The other runs of the sweep that succeeded: one to look at, one beside it. */
function Choices({ run, beside }: { run: RunView; beside: string | null }) {
  const [search, change] = useSearch();
  const { data } = useInfiniteQuery(sweepRunsQuery(run.sweepId));
  const runs = useMemo(
    () => (data?.pages.flatMap(({ items }) => items) ?? []).filter(({ state }) => state === 'succeeded'),
    [data],
  );
  return (
    <div className={css.choices}>
      <label>
        Run{' '}
        <select value={run.id} onChange={({ target }) => navigate(to.inside(target.value, Object.fromEntries(search)))}>
          {runs.some(({ id }) => id === run.id) || <option value={run.id}>{runName(run)}</option>}
          {runs.map((one) => (
            <option key={one.id} value={one.id}>
              {runName(one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        beside{' '}
        <select value={beside ?? ''} onChange={({ target }) => change({ with: target.value })}>
          <option value="">no other run</option>
          {runs
            .filter(({ id }) => id !== run.id)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {runName(one)}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
}

function Switches({ insides, view }: { insides: readonly Inside[]; view: View }) {
  const [, change] = useSearch();
  return (
    <div className={css.choices}>
      {insides.some(isDifferential) && (
        <label>
          Maps of differential attention{' '}
          <select value={view.part} onChange={({ target }) => change({ part: target.value }, { replace: true })}>
            <option value="difference">difference, signed</option>
            <option value="first">first map</option>
            <option value="second">second map</option>
          </select>
        </label>
      )}
      <label>
        <input
          type="checkbox"
          checked={view.shared}
          onChange={({ target }) => change({ scale: target.checked ? 'shared' : undefined }, { replace: true })}
        />{' '}
        one scale for all heads
      </label>
    </div>
  );
}

/** What is in place of a model that cannot be shown. */
function Missing({ error, run, retry }: { error: Error; run: RunView; retry: () => void }) {
  if (!(error instanceof RequestError && error.status === 404))
    return <Failed error={error} what="maps" retry={retry} />;
  return (
    <Empty title={run.state === 'succeeded' ? 'Nothing is stored' : `The run is ${run.state}`}>
      <p>
        {run.state === 'succeeded'
          ? 'A run stores what it looks at when it ends, and keeps it as long as its best checkpoint.'
          : 'A run stores what it looks at when it has succeeded.'}
      </p>
      {run.notes.map((note) => (
        <p key={note}>
          <bdi>{note}</bdi>
        </p>
      ))}
    </Empty>
  );
}

function Column({ id, view }: { id: string; view: View }) {
  const [, change] = useSearch();
  const { data: run } = useQuery(runQuery(id));
  const inside = useQuery(insideQuery(id));
  return (
    <section className={css.column} aria-label={run ? runName(run) : 'run'}>
      {run && (
        <h2>
          <Link href={to.run(id)}>
            <bdi>{runName(run)}</bdi>
          </Link>
        </h2>
      )}
      {inside.isPending && <Loading what="maps" />}
      {inside.error && run && <Missing error={inside.error} run={run} retry={() => void inside.refetch()} />}
      {inside.data && (
        <>
          {inside.data.header.query !== null && (
            <p className={css.quiet}>Attention of the {inside.data.header.query} to the patches.</p>
          )}
          <RunInside inside={inside.data} view={view} choose={(map) => change({ map }, { replace: true })} />
        </>
      )}
    </section>
  );
}

export default function InsidePage({ id }: { id: string }) {
  const [search, change] = useSearch();
  const beside = search.get('with');
  const view = viewOf(search);
  const { data: run, error, isPending, refetch } = useQuery(runQuery(id));
  const { data: sweep } = useQuery({ ...sweepQuery(run?.sweepId ?? ''), enabled: run !== undefined });
  const { data: inside } = useQuery(insideQuery(id));
  const { data: other } = useQuery({ ...insideQuery(beside ?? ''), enabled: beside !== null });
  const name = run ? runName(run) : '';
  useEffect(() => {
    document.title = `Look inside${name && `: ${name}`} · Ablate`;
  }, [name]);
  if (isPending) return <Loading what="the run" />;
  if (!run) return <Failed error={error} what="run" retry={() => void refetch()} />;
  return (
    <>
      <p className={css.path}>
        <Link href={to.sweep(run.sweepId)}>
          <bdi>{sweep?.name ?? 'the sweep'}</bdi>
        </Link>
      </p>
      <h1>Look inside</h1>
      <Choices run={run} beside={beside} />
      {inside && (
        <>
          <ImageStrip
            inside={inside}
            chosen={view.image}
            choose={(image) => change({ image: String(image + 1) }, { replace: true })}
          />
          <Switches insides={[inside, ...(other ? [other] : [])]} view={view} />
        </>
      )}
      <div className={css.columns} data-two={beside !== null || undefined}>
        <Column id={id} view={view} />
        {beside !== null && <Column id={beside} view={view} />}
      </div>
    </>
  );
}

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
import { AugmentationSheet } from './augmentation-sheet.tsx';
import { ImageStrip } from './image-strip.tsx';
import css from './inside.module.css';
import { hasMatrices, type Inside, insideQuery, isDifferential, PARTS, type Part } from './inside-file.ts';
import { matricesQuery, pictureInside, useInspection } from './inspections.ts';
import { NetworkPanels } from './network-panels.tsx';
import { OwnPicture } from './own-picture.tsx';
import { RunInside, type View } from './run-inside.tsx';

const runName = (run: RunView): string => `${pointName(run.axes) || 'as written'}, seed ${run.seed}`;

const partOf = (text: string | null): Part => PARTS.find((part) => part === text) ?? 'difference';

/** A number from 1 in the address as an index; null if it is missing or none. */
function indexOf(search: URLSearchParams, name: string): number | null {
  const value = Number(search.get(name) ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value - 1 : null;
}

const viewOf = (search: URLSearchParams): View => ({
  image: indexOf(search, 'image') ?? 0,
  patch: indexOf(search, 'patch'),
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
  const [search, change] = useSearch();
  const queries = search.get('queries') === 'all';
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
      {insides.some(hasMatrices) && (
        <label>
          <input
            type="checkbox"
            checked={queries}
            onChange={({ target }) => change({ queries: target.checked ? 'all' : undefined }, { replace: true })}
          />{' '}
          load all queries, to see where each patch looks
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

/** The look of a model at the run's images, or at a picture; and all its attention, once the reader asks for it. */
function useLook(id: string, { image, picture, queries }: { image: number; picture: string | null; queries: boolean }) {
  const stored = useQuery(insideQuery(id));
  const ofPicture = useInspection(picture);
  const asked = useQuery({ ...matricesQuery(id, image), enabled: queries && picture === null && stored.isSuccess });
  const matrices = useInspection(picture === null && queries ? (asked.data ?? null) : null);
  const pictured = useMemo(() => ofPicture.result && pictureInside(ofPicture.result), [ofPicture.result]);
  return picture === null
    ? { stored, inside: stored.data, everywhere: matrices.result, ...matrices, error: asked.error ?? matrices.error }
    : { stored, inside: pictured, everywhere: ofPicture.result, ...ofPicture };
}

function Column({ id, view, picture }: { id: string; view: View; picture: string | null | undefined }) {
  const [search, change] = useSearch();
  const queries = search.get('queries') === 'all';
  const { data: run } = useQuery(runQuery(id));
  const { stored, inside, everywhere, waiting, error } = useLook(id, {
    image: view.image,
    picture: picture ?? null,
    queries,
  });
  const shown = picture ? { ...view, image: 0 } : view;
  return (
    <section className={css.column} aria-label={run ? runName(run) : 'run'}>
      {run && (
        <h2>
          <Link href={to.run(id)}>
            <bdi>{runName(run)}</bdi>
          </Link>
        </h2>
      )}
      {!picture && stored.isPending && <Loading what="maps" />}
      {!picture && stored.error && run && (
        <Missing error={stored.error} run={run} retry={() => void stored.refetch()} />
      )}
      {waiting && <Loading what={`the attention: ${waiting}`} />}
      {error && (
        <p role="alert" className={css.refused}>
          {error.message}
        </p>
      )}
      {picture === undefined && <p className={css.quiet}>Drop the picture again to see it here, too.</p>}
      {picture !== undefined && inside && (
        <>
          {inside.header.query !== null && (
            <p className={css.quiet}>Attention of the {inside.header.query} to the patches.</p>
          )}
          <RunInside
            inside={inside}
            everywhere={everywhere ?? null}
            view={shown}
            choose={(map) => change({ map }, { replace: true })}
            keep={(patch) => change({ patch: patch === null ? undefined : String(patch + 1) }, { replace: true })}
          />
          <NetworkPanels inside={inside} />
        </>
      )}
    </section>
  );
}

export default function InsidePage({ id }: { id: string }) {
  const [search, change] = useSearch();
  const beside = search.get('with');
  const view = viewOf(search);
  const pictures = search.get('picture')?.split(',') ?? null;
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
            chosen={pictures ? null : view.image}
            choose={(image) => change({ image: String(image + 1), picture: undefined }, { replace: true })}
          />
          <OwnPicture runs={beside === null ? [id] : [id, beside]} />
          <Switches insides={[inside, ...(other ? [other] : [])]} view={view} />
        </>
      )}
      <div className={css.columns} data-two={beside !== null || undefined}>
        <Column id={id} view={view} picture={pictures === null ? null : pictures[0]} />
        {beside !== null && <Column id={beside} view={view} picture={pictures === null ? null : pictures[1]} />}
      </div>
      <AugmentationSheet sweepId={run.sweepId} />
    </>
  );
}

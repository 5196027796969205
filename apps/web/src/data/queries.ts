/** Every question that the pages ask, with its key: [kind, id of a sweep or run, …]. */
import type {
  Answer,
  AttemptView,
  CellImages,
  CheckpointView,
  ConfigComparison,
  ConfusionView,
  Curves,
  DecisionView,
  EventView,
  FleetView,
  MetricView,
  OwnerView,
  QueryView,
  RunLog,
  RunView,
  SqlAnswer,
  StudyView,
  SweepDetail,
  SweepItem,
  SweepPoints,
} from '@ablate/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { address } from '../router/routes.ts';
import { picture, request } from './request.ts';

type Page<T> = { items: T[]; nextCursor: string | null };

/** Which sweeps, and in which order; as in the address of the page. */
export type SweepsFilter = { search?: string; state?: string; owner?: string; order?: string };

/** Time left and device time are no events: ask again while something runs. */
const RUNNING_MS = 10_000;

export const sweepsQuery = (filter: SweepsFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ['sweeps', filter],
    queryFn: ({ pageParam, signal }) =>
      request<Page<SweepItem>>(address('/sweeps', { limit: '50', cursor: pageParam, ...filter }), { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((sweep) => sweep.state === 'running')) ? RUNNING_MS : false,
  });

export const sweepQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id],
    queryFn: ({ signal }) => request<SweepDetail>(`/sweeps/${id}`, { signal }),
  });

export type AnswerParameters = { metric?: string; split?: string; baseline?: string; limit?: string };

export const answerQuery = (id: string, parameters: AnswerParameters = {}) =>
  queryOptions({
    queryKey: ['answer', id, parameters],
    queryFn: ({ signal }) => request<Answer>(address(`/sweeps/${id}/answer`, parameters), { signal }),
    placeholderData: (previous) => previous,
  });

/** Progress within a run is no event: ask again while it runs. */
const PROGRESS_MS = 2000;

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => request<RunView>(`/runs/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? PROGRESS_MS : false),
  });

/** A run of a thousand epochs has six thousand points: they come in pages of a thousand. */
async function everything<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await request<Page<T>>(address(path, { limit: '1000', cursor }), { signal });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** The metrics that the page of a run draws. */
const DRAWN = ['val/accuracy', 'train/accuracy', 'val/loss', 'train/loss'];

export const metricsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ['metrics', id],
    queryFn: async ({ signal }) => {
      const path = `/runs/${id}/metrics`;
      return (await Promise.all(DRAWN.map((name) => everything<MetricView>(address(path, { name }), signal)))).flat();
    },
    // The longer a run, the less a few seconds add to it.
    refetchInterval: ({ state }) => (live ? Math.max(PROGRESS_MS, state.data?.length ?? 0) : false),
  });

export const decisionsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ['decisions', id],
    queryFn: ({ signal }) => everything<DecisionView>(address(`/sweeps/${id}/decisions`, { summary: 'true' }), signal),
    refetchInterval: live ? RUNNING_MS : false,
  });

export const eventsQuery = (runId: string) =>
  queryOptions({
    queryKey: ['events', runId],
    queryFn: ({ signal }) => everything<EventView>(address('/events', { runId }), signal),
  });

export const attemptsQuery = (runId: string) =>
  queryOptions({
    queryKey: ['attempts', runId],
    queryFn: async ({ signal }) => (await request<Page<AttemptView>>(`/runs/${runId}/attempts`, { signal })).items,
  });

export const logQuery = (runId: string, attempt: number | undefined, live: boolean) =>
  queryOptions({
    queryKey: ['log', runId, attempt ?? 'newest'],
    queryFn: ({ signal }) =>
      request<RunLog>(address(`/runs/${runId}/log`, { attempt: attempt?.toString() }), { signal }),
    refetchInterval: live ? PROGRESS_MS : false,
    placeholderData: (previous) => previous,
  });

export const checkpointsQuery = (runId: string) =>
  queryOptions({
    queryKey: ['checkpoints', runId],
    queryFn: async ({ signal }) =>
      (await request<Page<CheckpointView>>(`/runs/${runId}/checkpoints`, { signal })).items,
  });

export type RunsParameters = { order?: string; descending?: string; state?: string };

/** Runs that train show their progress. */
export const sweepRunsQuery = (id: string, parameters: RunsParameters = {}) =>
  infiniteQueryOptions({
    queryKey: ['runs', id, parameters],
    queryFn: ({ pageParam, signal }) =>
      request<Page<RunView>>(address(`/sweeps/${id}/runs`, { limit: '100', cursor: pageParam, ...parameters }), {
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((run) => run.state === 'running')) ? PROGRESS_MS : false,
  });

/** Every config of a sweep; kept while the figure changes. */
export const pointsQuery = (id: string, parameters: { metric?: string; split?: string }) =>
  queryOptions({
    queryKey: ['points', id, parameters],
    queryFn: ({ signal }) => request<SweepPoints>(address(`/sweeps/${id}/points`, parameters), { signal }),
    placeholderData: (previous) => previous,
  });

export const curvesQuery = (id: string, parameters: { metric: string; x: string; configs?: string }) =>
  queryOptions({
    queryKey: ['curves', id, parameters],
    queryFn: ({ signal }) => request<Curves>(address(`/sweeps/${id}/curves`, parameters), { signal }),
    placeholderData: (previous) => previous,
  });

export const comparisonQuery = (configs: string, parameters: { metric?: string; split?: string }) =>
  queryOptions({
    queryKey: ['comparison', configs, parameters],
    queryFn: ({ signal }) => request<ConfigComparison>(address('/compare', { configs, ...parameters }), { signal }),
    placeholderData: (previous) => previous,
  });

const FLEET_MS = 5000;

export const ownersQuery = () =>
  queryOptions({
    queryKey: ['owners'],
    queryFn: async ({ signal }) => (await request<Page<OwnerView>>('/owners', { signal })).items,
  });

export const fleetQuery = () =>
  queryOptions({
    queryKey: ['fleet'],
    queryFn: ({ signal }) => request<FleetView>('/fleet', { signal }),
    refetchInterval: FLEET_MS,
  });

export type SchemaColumn = { view: string; column: string; type: string; comment: string };

/** The views of SQL with their comments, from the database itself. */
export const columnsQuery = () =>
  queryOptions({
    queryKey: ['schema'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<SchemaColumn[]> => {
      const sql = 'select "view", "column", "type", "description" from columns order by 1, "position"';
      const { rows } = await request<SqlAnswer>('/sql', { method: 'POST', body: { sql }, signal });
      return rows.map(([view, column, type, comment]) => ({
        view: String(view),
        column: String(column),
        type: String(type),
        comment: String(comment ?? ''),
      }));
    },
  });

export const savedQueriesQuery = () =>
  queryOptions({
    queryKey: ['queries'],
    queryFn: async ({ signal }) => (await request<Page<QueryView>>('/queries', { signal })).items,
  });

/** A run, a config, or a config and the one beside it. */
export type ConfusionParameters = { run?: string; config?: string; with?: string; split: string };

export const confusionQuery = (parameters: ConfusionParameters) =>
  queryOptions({
    queryKey: ['confusion', parameters],
    queryFn: ({ signal }) => request<ConfusionView>(address('/confusion', parameters), { signal }),
    placeholderData: (previous) => previous,
  });

export const cellImagesQuery = (parameters: ConfusionParameters & { label: string; predicted: string }) =>
  queryOptions({
    queryKey: ['cell', parameters],
    queryFn: ({ signal }) => request<CellImages>(address('/confusion/images', parameters), { signal }),
  });

/** A picture of images of a run's data set, as an address that `<img>` and styles can use. */
export const spriteQuery = (runId: string, split: string, images: readonly number[]) =>
  queryOptions({
    queryKey: ['sprite', runId, split, images],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY, // the address stays valid as long as the page
    queryFn: ({ signal }) => picture(address(`/runs/${runId}/images.png`, { split, images: images.join(',') }), signal),
  });

export const studiesQuery = () =>
  queryOptions({
    queryKey: ['studies'],
    queryFn: async ({ signal }) => (await request<Page<StudyView>>('/studies', { signal })).items,
  });

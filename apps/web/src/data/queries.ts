/** Every question that the pages ask, with its key: [kind, id of a sweep or run, …]. */
import type {
  Answer,
  CheckpointView,
  ConfigComparison,
  Confusion,
  Curves,
  EventView,
  MetricView,
  OwnerView,
  QueryView,
  RunView,
  SqlAnswer,
  SweepDetail,
  SweepItem,
  WorkerView,
} from '@ablate/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { address } from '../router/routes.ts';
import { request } from './request.ts';

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

export type AnswerParameters = { metric?: string; split?: string; baseline?: string };

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

export const metricsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ['metrics', id],
    queryFn: ({ signal }) => everything<MetricView>(`/runs/${id}/metrics`, signal),
    refetchInterval: live ? PROGRESS_MS : false,
  });

export const eventsQuery = (runId: string) =>
  queryOptions({
    queryKey: ['events', runId],
    queryFn: ({ signal }) => everything<EventView>(address('/events', { runId }), signal),
  });

export const checkpointsQuery = (runId: string) =>
  queryOptions({
    queryKey: ['checkpoints', runId],
    queryFn: async ({ signal }) =>
      (await request<Page<CheckpointView>>(`/runs/${runId}/checkpoints`, { signal })).items,
  });

/** Runs that train show their progress. */
export const sweepRunsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['runs', id],
    queryFn: ({ pageParam, signal }) =>
      request<Page<RunView>>(address(`/sweeps/${id}/runs`, { limit: '200', cursor: pageParam }), { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((run) => run.state === 'running')) ? PROGRESS_MS : false,
  });

export const curvesQuery = (id: string, parameters: { metric: string; x: string }) =>
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

export const workersQuery = () =>
  queryOptions({
    queryKey: ['fleet', 'workers'],
    queryFn: async ({ signal }) => (await request<Page<WorkerView>>('/workers', { signal })).items,
    refetchInterval: FLEET_MS,
  });

export const ownersQuery = () =>
  queryOptions({
    queryKey: ['fleet', 'owners'],
    queryFn: async ({ signal }) => (await request<Page<OwnerView>>('/owners', { signal })).items,
    refetchInterval: FLEET_MS,
  });

export const runningQuery = (sweepId: string) =>
  queryOptions({
    queryKey: ['running', sweepId],
    queryFn: async ({ signal }) =>
      (await request<Page<RunView>>(address(`/sweeps/${sweepId}/runs`, { state: 'running' }), { signal })).items,
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

export const confusionQuery = (runId: string) =>
  queryOptions({
    queryKey: ['confusion', runId],
    queryFn: ({ signal }) => request<Confusion>(`/runs/${runId}/confusion`, { signal }),
  });

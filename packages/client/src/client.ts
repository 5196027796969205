/** The API as a table: a resource a row, a route a method. */
import {
  Answer,
  type AnswerMetric,
  type AnswerSplit,
  type Ask,
  AttemptView,
  CellImages,
  CheckpointView,
  ConfigComparison,
  Confusion,
  ConfusionView,
  Curves,
  type CurveX,
  DecisionView,
  EventView,
  FleetView,
  GarbageReport,
  IdMatches,
  MetricView,
  type OwnerChange,
  OwnerView,
  Plan,
  type PredictedSplit,
  PredictionView,
  page,
  RetryPlan,
  RunLog,
  RunView,
  type ScaleName,
  SqlAnswer,
  type SqlRequest,
  type SweepChange,
  SweepDetail,
  SweepItem,
  SweepView,
  TrialView,
  WorkerView,
} from '@ablate/contracts';
import { openConnection, path, type Query } from './connection.ts';

/** Listing and deleting stored files takes as long as the store does. Node's fetch waits no longer for a response. */
const GARBAGE_TIMEOUT_MS = 300_000;

const Sweeps = page(SweepItem);
const Imported = page(SweepView);
const Runs = page(RunView);
const Decisions = page(DecisionView);
const Metrics = page(MetricView);
const Owners = page(OwnerView);
const Events = page(EventView);
const Checkpoints = page(CheckpointView);
const Workers = page(WorkerView);
const Attempts = page(AttemptView);
const Predictions = page(PredictionView);

/** Which events: of a sweep, of a run, or, if empty, all. */
export type EventFilter = { sweepId?: string; runId?: string };

/** Which runs of a sweep to retry. */
type RetryFilter = { state?: 'failed' | 'cancelled' };
type FigureQuery = { metric?: AnswerMetric; split?: AnswerSplit };
export type AnswerQuery = FigureQuery & { baseline?: string; limit?: number };
type ConfusionQuery = { run?: string; config?: string; with?: string; split?: PredictedSplit };
type CurvesQuery = { metric?: string; x?: CurveX; points?: number; configs?: string };

export type Api = ReturnType<typeof openApi>;

/**
 * A client of the API at `address`, with or without `/api/v1`; `''` is the origin of a web page. `signal` cancels requests.
 * Every method throws Unreachable if the API does not respond, and Refused if it rejects the request.
 */
export function openApi(address: string, { signal }: { signal?: AbortSignal } = {}) {
  const { root, request, repeat, items, stream } = openConnection(address, signal);
  return {
    root,
    sweeps: {
      /** A spec that is sent again with the same `key` returns the sweep that it created before. */
      create: (spec: unknown, key?: string) =>
        request(SweepView, '/sweeps', { method: 'POST', body: spec, idempotencyKey: key }),
      /** What the spec would submit, cost and show. */
      plan: (spec: unknown) => request(Plan, '/sweeps', { method: 'POST', body: spec, query: { dryRun: true } }),
      /** Newest first. */
      list: () => items(Sweeps, '/sweeps'),
      find: (id: string) => request(SweepDetail, path`/sweeps/${id}`),
      change: (id: string, change: SweepChange) =>
        request(SweepView, path`/sweeps/${id}`, { method: 'PATCH', body: change }),
      pause: (id: string) => request(SweepView, path`/sweeps/${id}/pause`, { method: 'POST' }),
      resume: (id: string) => request(SweepView, path`/sweeps/${id}/resume`, { method: 'POST' }),
      cancel: (id: string) => request(SweepView, path`/sweeps/${id}/cancel`, { method: 'POST' }),
      /** Requeue the failed and cancelled runs, or only those in `state`. */
      retry: (id: string, { state }: RetryFilter = {}) =>
        request(SweepView, path`/sweeps/${id}/retry`, { method: 'POST', query: { state } }),
      planRetry: (id: string, { state }: RetryFilter = {}) =>
        request(RetryPlan, path`/sweeps/${id}/retry`, { method: 'POST', query: { state, dryRun: true } }),
      /** What is better, by how much, whether it is more than noise, and what it cost. */
      answer: (id: string, query: AnswerQuery = {}) => request(Answer, path`/sweeps/${id}/answer`, { query }),
      curves: (id: string, query: CurvesQuery = {}) => request(Curves, path`/sweeps/${id}/curves`, { query }),
      /** What its search decided, in order. `summary` leaves out configs, trains and results. */
      decisions: (id: string, { summary = false } = {}) => items(Decisions, path`/sweeps/${id}/decisions`, { summary }),
      /**
       * The next config to try: the sampler's, or the one with these values of axes. With `train` false the caller measures it. An ask that is sent again with the same `key` returns the same
       * trial. Repeated for some seconds while the API does not respond, as `tell` and `finish` are.
       */
      ask: (id: string, ask: Partial<Ask> = {}, key: string = crypto.randomUUID()) =>
        repeat(TrialView, path`/sweeps/${id}/ask`, { method: 'POST', body: ask, idempotencyKey: key }),
      /** What the caller measured of a trial; null if it failed. */
      tell: (id: string, trial: number, value: number | null) =>
        repeat(TrialView, path`/sweeps/${id}/tell`, { method: 'POST', body: { trial, value } }),
      /** Ends a sweep that is driven by `ask`. */
      finish: (id: string) => repeat(SweepView, path`/sweeps/${id}/tell`, { method: 'POST', body: { finish: true } }),
      trial: (id: string, trial: number) => request(TrialView, path`/sweeps/${id}/trials/${String(trial)}`),
      runs: (id: string, filter: { state?: RunView['state'] } = {}) => items(Runs, path`/sweeps/${id}/runs`, filter),
    },
    runs: {
      find: (id: string) => request(RunView, path`/runs/${id}`),
      pause: (id: string) => request(RunView, path`/runs/${id}/pause`, { method: 'POST' }),
      resume: (id: string) => request(RunView, path`/runs/${id}/resume`, { method: 'POST' }),
      cancel: (id: string) => request(RunView, path`/runs/${id}/cancel`, { method: 'POST' }),
      retry: (id: string) => request(RunView, path`/runs/${id}/retry`, { method: 'POST' }),
      metrics: (id: string, filter: { name?: string } = {}) => items(Metrics, path`/runs/${id}/metrics`, filter),
      predictions: (id: string, query: { split?: PredictedSplit; correct?: boolean } = {}) =>
        items(Predictions, path`/runs/${id}/predictions`, query),
      confusion: (id: string, query: { split?: PredictedSplit } = {}) =>
        request(Confusion, path`/runs/${id}/confusion`, { query }),
      attempts: async (id: string) => (await request(Attempts, path`/runs/${id}/attempts`)).items,
      /** What the trainer of an attempt printed; by default of the newest. */
      log: (id: string, query: { attempt?: number } = {}) => request(RunLog, path`/runs/${id}/log`, { query }),
      checkpoints: async (id: string) => (await request(Checkpoints, path`/runs/${id}/checkpoints`)).items,
    },
    /** Configs, by id or as `sweep:position`, against the first of them. */
    compare: (configs: readonly string[], query: FigureQuery = {}) =>
      request(ConfigComparison, '/compare', { query: { configs: configs.join(','), ...query } }),
    confusion: {
      /** Of a run, of all seeds of a config, or of a config beside another. */
      find: (query: ConfusionQuery) => request(ConfusionView, '/confusion', { query }),
      images: (query: ConfusionQuery & { label: number; predicted: number; limit?: number }) =>
        request(CellImages, '/confusion/images', { query }),
    },
    checkpoints: {
      pin: (id: string) => request(CheckpointView, path`/checkpoints/${id}/pin`, { method: 'PUT' }),
      unpin: (id: string) => request(CheckpointView, path`/checkpoints/${id}/pin`, { method: 'DELETE' }),
      collectGarbage: (query: Query) =>
        request(GarbageReport, '/checkpoints/gc', { method: 'POST', query, timeoutMs: GARBAGE_TIMEOUT_MS }),
    },
    ids: {
      /** What the ids that begin or end with `text` name: at most ten. */
      find: (text: string) => request(IdMatches, path`/ids/${text}`),
    },
    events: {
      /** Oldest first. */
      list: (filter: EventFilter = {}) => items(Events, '/events', filter),
      /** The body of the event stream, from the event after number `after`. `followEvents` parses it and reconnects. */
      stream: (filter: EventFilter, { after, signal: until }: { after: number; signal: AbortSignal }) =>
        stream('/events/stream', filter, { 'last-event-id': String(after) }, until),
    },
    studies: {
      /** The stored results of a study as finished sweeps. */
      import: async (name: string, scale: ScaleName) =>
        (await request(Imported, path`/studies/${name}/import`, { method: 'POST', query: { scale } })).items,
    },
    /** One SELECT over the views, by the read-only role. */
    sql: (sql: string, parameters: SqlRequest['parameters'] = {}) =>
      request(SqlAnswer, '/sql', { method: 'POST', body: { sql, parameters } }),
    workers: {
      /** Those that are alive, then the others, newest heartbeat first. */
      list: async () => (await request(Workers, '/workers')).items,
    },
    /** What runs where, and what waits and why. */
    fleet: () => request(FleetView, '/fleet'),
    owners: {
      list: async () => (await request(Owners, '/owners')).items,
      set: (name: string, change: OwnerChange) =>
        request(OwnerView, path`/owners/${name}`, { method: 'PUT', body: change }),
    },
  };
}

/** All items of a list. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

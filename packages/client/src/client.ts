/** The API over HTTP. Answers are parsed; problems (RFC 9457) become one UserError with a line for each field. */
import {
  CheckpointView,
  EventView,
  GarbageReport,
  MetricView,
  type OwnerChange,
  OwnerView,
  Problem,
  page,
  RunView,
  type SweepChange,
  SweepDetail,
  SweepView,
  UserError,
} from '@ablate/contracts';
import { z } from 'zod';

/** Nothing listens there, or it does not answer: worth trying again while a service restarts. */
export class Unreachable extends UserError {
  constructor(message: string) {
    super(message, 'unreachable');
    this.name = 'Unreachable';
  }
}

/** The API answered, and refused. */
export class Refused extends UserError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, status === 400 || status === 422 ? 'usage' : 'failed');
    this.name = 'Refused';
    this.status = status;
  }
}

const SweepPage = page(SweepView);
const RunPage = page(RunView);
const MetricPage = page(MetricView);

const OwnerPage = page(OwnerView);
const EventPage = page(EventView);
const CheckpointPage = page(CheckpointView);

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

const TIMEOUT_MS = 30_000;
/** To list and remove all that is stored takes as long as the store does; no client of Node waits longer for an answer. */
const GARBAGE_TIMEOUT_MS = 300_000;
const PAGE = 200;

/** One line, then a line a field. */
function describeProblem(problem: Problem): string {
  const head = problem.detail ? `${problem.title}: ${problem.detail}` : problem.title;
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `  ${pointer || '(the whole)'}: ${detail}`);
  return [head, ...fields].join('\n');
}

export type Api = ReturnType<typeof openApi>;

/** `address` is the API's root, with or without `/api/v1`. `signal` ends whatever is under way. */
export function openApi(address: string, { signal }: { signal?: AbortSignal } = {}) {
  const root = `${address.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;

  async function send(
    method: Method,
    path: string,
    body?: unknown,
    key?: string,
    timeoutMs = TIMEOUT_MS,
  ): Promise<unknown> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${root}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      throw refusal(response.status, text);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UserError) throw error;
      if (error instanceof SyntaxError)
        throw new UserError(`${root}${path} did not answer in JSON; is it Ablate's API?`);
      throw new Unreachable(`no API answers at ${root}: start it with \`npm start\`, or set ABLATE_API_URL`);
    }
  }

  /** A stream that stays open until `until` is aborted or the connection breaks. */
  async function stream(path: string, headers: Record<string, string>, until: AbortSignal) {
    try {
      const response = await fetch(`${root}${path}`, { headers, signal: until });
      if (response.ok && response.body !== null) return response.body;
      throw refusal(response.status, await response.text());
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new Unreachable(`no API answers at ${root}: start it with \`npm start\`, or set ABLATE_API_URL`);
    }
  }

  function refusal(status: number, text: string): UserError {
    if (status === 502 || status === 503 || status === 504)
      return new Unreachable(`the API at ${root} is not ready (${status})`);
    const problem = Problem.safeParse(parseJson(text));
    return new Refused(status, problem.success ? describeProblem(problem.data) : `HTTP ${status} from ${root}`);
  }

  async function ask<T extends z.ZodType>(
    schema: T,
    method: Method,
    path: string,
    body?: unknown,
    key?: string,
    timeoutMs?: number,
  ): Promise<z.infer<T>> {
    const parsed = schema.safeParse(await send(method, path, body, key, timeoutMs));
    if (parsed.success) return parsed.data;
    throw new UserError(
      `the API's answer to ${path} is not what this version expects:\n${z.prettifyError(parsed.error)}`,
    );
  }

  async function* pages<T>(
    get: (query: string) => Promise<{ items: T[]; nextCursor: string | null }>,
  ): AsyncGenerator<T> {
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
      const answer = await get(query.toString());
      yield* answer.items;
      cursor = answer.nextCursor;
    } while (cursor !== null);
  }

  const id = encodeURIComponent;
  return {
    root,
    /** The same `key` and spec again make no second sweep. */
    createSweep: (spec: unknown, key?: string) => ask(SweepView, 'POST', '/sweeps', spec, key),
    findSweep: (sweepId: string) => ask(SweepDetail, 'GET', `/sweeps/${id(sweepId)}`),
    findRun: (runId: string) => ask(RunView, 'GET', `/runs/${id(runId)}`),
    /** Newest first. */
    sweeps: () => pages((query) => ask(SweepPage, 'GET', `/sweeps?${query}`)),
    runs: (sweepId: string, { state }: { state?: RunView['state'] } = {}) =>
      pages((query) => ask(RunPage, 'GET', `/sweeps/${id(sweepId)}/runs?${query}${state ? `&state=${state}` : ''}`)),
    metrics: (runId: string, { name }: { name?: string } = {}) =>
      pages((query) => ask(MetricPage, 'GET', `/runs/${id(runId)}/metrics?${query}${name ? `&name=${id(name)}` : ''}`)),
    changeSweep: (sweepId: string, change: SweepChange) => ask(SweepView, 'PATCH', `/sweeps/${id(sweepId)}`, change),
    pauseSweep: (sweepId: string) => ask(SweepView, 'POST', `/sweeps/${id(sweepId)}/pause`),
    resumeSweep: (sweepId: string) => ask(SweepView, 'POST', `/sweeps/${id(sweepId)}/resume`),
    pauseRun: (runId: string) => ask(RunView, 'POST', `/runs/${id(runId)}/pause`),
    resumeRun: (runId: string) => ask(RunView, 'POST', `/runs/${id(runId)}/resume`),
    events: (of: Record<string, string>) =>
      pages((query) => ask(EventPage, 'GET', `/events?${query}&${new URLSearchParams(of)}`)),
    eventStream: (of: Record<string, string>, { after, signal: until }: { after: number; signal: AbortSignal }) =>
      stream(`/events/stream?${new URLSearchParams(of)}`, { 'last-event-id': String(after) }, until),
    owners: () => ask(OwnerPage, 'GET', '/owners'),
    setOwner: (name: string, change: OwnerChange) => ask(OwnerView, 'PUT', `/owners/${id(name)}`, change),
    cancelSweep: (sweepId: string) => ask(SweepView, 'POST', `/sweeps/${id(sweepId)}/cancel`),
    cancelRun: (runId: string) => ask(RunView, 'POST', `/runs/${id(runId)}/cancel`),
    checkpoints: async (runId: string) => (await ask(CheckpointPage, 'GET', `/runs/${id(runId)}/checkpoints`)).items,
    pinCheckpoint: (checkpointId: string, pinned: boolean) =>
      ask(CheckpointView, pinned ? 'PUT' : 'DELETE', `/checkpoints/${id(checkpointId)}/pin`),
    collectGarbage: (query: Record<string, string>) =>
      ask(
        GarbageReport,
        'POST',
        `/checkpoints/gc?${new URLSearchParams(query)}`,
        undefined,
        undefined,
        GARBAGE_TIMEOUT_MS,
      ),
    retryRun: (runId: string) => ask(RunView, 'POST', `/runs/${id(runId)}/retry`),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an error page of something in between
  }
}

/** Everything of a list. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Ask of a sweep, and, where there is no such sweep, of a run: their ids look alike. */
export async function ofSweepOrRun<S, R>(
  sweep: () => Promise<S>,
  run: () => Promise<R>,
): Promise<{ sweep: S } | { run: R }> {
  try {
    return { sweep: await sweep() };
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
    return { run: await run() };
  }
}

/** Requests to the API that serves these pages. Types come from the contracts; the API has validated what it sends. */
import type { Problem } from '@ablate/contracts';
import { parseVisible } from '../format/visible.ts';

/** What the API answered in place of a result. `status` 0: no answer. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly status: number;
  readonly problem: Problem | null;
  constructor(status: number, message: string, problem: Problem | null = null) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'title' in value && 'status' in value;

function explain(status: number, body: unknown): RequestError {
  if (!isProblem(body)) return new RequestError(status, `HTTP ${status}`);
  const fields = (body.errors ?? []).map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`);
  return new RequestError(status, [body.detail ?? body.title, ...fields].join('\n'), body);
}

export type Options = { method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'; body?: unknown; signal?: AbortSignal };

async function send(path: string, { method = 'GET', body, signal }: Options): Promise<Response> {
  const sent =
    body === undefined
      ? {}
      : body instanceof Blob
        ? { body, headers: { 'content-type': body.type } }
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  try {
    return await fetch(`/api/v1${path}`, { method, signal, ...sent });
  } catch {
    signal?.throwIfAborted();
    throw new RequestError(0, 'The service does not answer. It may be restarting: this page tries again.', null);
  }
}

/** `body` is sent as JSON, a file as it is. @throws RequestError */
export async function request<T>(path: string, options: Options = {}): Promise<T> {
  const response = await send(path, options);
  const parsed = parse(await response.text());
  if (!response.ok) throw explain(response.status, parsed);
  return parsed;
}

/** A file. @throws RequestError */
export async function requestFile(path: string, options: Options = {}): Promise<Blob> {
  const response = await send(path, options);
  if (!response.ok) throw explain(response.status, parse(await response.text()));
  return response.blob();
}

/** The address of a picture, which stays valid as long as the page. @throws RequestError with the API's reason if there is none */
export async function picture(path: string, signal: AbortSignal): Promise<string> {
  return URL.createObjectURL(await requestFile(path, { signal }));
}

function parse(text: string) {
  try {
    return parseVisible(text);
  } catch {
    return undefined;
  }
}

/** HTTP requests to the API. Responses are parsed; a problem (RFC 9457) is thrown as `Refused`. */
import { Problem, UserError } from '@ablate/contracts';
import { z } from 'zod';
import { describeProblem, Refused, Unreachable } from './errors.ts';

const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 200;
/** How long a request is repeated while the API does not respond, and the first pause; each pause is twice the one before. */
const REPEAT_MS = 10_000;
const FIRST_PAUSE_MS = 100;

/** Query parameters; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

type RequestOptions = {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  idempotencyKey?: string;
  timeoutMs?: number;
};

/** A path with its parameters escaped: ``path`/runs/${id}` ``. */
export const path = (parts: TemplateStringsArray, ...values: string[]): string =>
  String.raw({ raw: parts }, ...values.map(encodeURIComponent));

function withQuery(route: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? route : `${route}?${parameters}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an error page of a proxy
  }
}

/** `address` is the URL of the API, with or without `/api/v1`; `''` is the origin of the page. `signal` cancels requests. */
export function openConnection(address: string, signal?: AbortSignal) {
  const root = `${address.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;

  function refusal(status: number, text: string): UserError {
    if (status === 502 || status === 503 || status === 504)
      return new Unreachable(`the API at ${root} is not ready (HTTP ${status})`);
    const problem = Problem.safeParse(parseJson(text));
    return new Refused(status, problem.success ? describeProblem(problem.data) : `HTTP ${status} from ${root}`);
  }

  const unreachable = () => new Unreachable(`no API responds at ${root}`);

  async function send(
    route: string,
    { method = 'GET', query = {}, body, idempotencyKey, timeoutMs = TIMEOUT_MS }: RequestOptions,
  ): Promise<unknown> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${root}${withQuery(route, query)}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
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
        throw new UserError(
          `invalid response from ${root}${route}: expected JSON. Check that the address is Ablate's API`,
        );
      throw unreachable();
    }
  }

  /** Send a request and parse the response. @throws Unreachable, Refused, or UserError if the response is invalid */
  async function request<T extends z.ZodType>(
    schema: T,
    route: string,
    options: RequestOptions = {},
  ): Promise<z.infer<T>> {
    const parsed = schema.safeParse(await send(route, options));
    if (parsed.success) return parsed.data;
    throw new UserError(
      `invalid response from ${root}${route}. The API may run a different version:\n${z.prettifyError(parsed.error)}`,
    );
  }

  /** As `request`, of one that may be sent twice: it is sent again, for some seconds, while the API does not respond. */
  async function repeat<T extends z.ZodType>(schema: T, route: string, options: RequestOptions): Promise<z.infer<T>> {
    const end = performance.now() + REPEAT_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2)
      try {
        return await request(schema, route, options);
      } catch (error) {
        if (!(error instanceof Unreachable) || performance.now() + pause > end) throw error;
        await new Promise((done) => setTimeout(done, pause));
        signal?.throwIfAborted();
      }
  }

  /** The items of all pages of a list. A page is requested when its first item is. */
  async function* items<T>(
    schema: z.ZodType<{ items: T[]; nextCursor: string | null }>,
    route: string,
    query: Query = {},
  ): AsyncGenerator<T, void, void> {
    let cursor: string | undefined;
    do {
      const page = await request(schema, route, { query: { limit: PAGE_SIZE, cursor, ...query } });
      yield* page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The body of a response that stays open until `until` is aborted or the connection breaks. */
  async function stream(route: string, query: Query, headers: Record<string, string>, until: AbortSignal) {
    try {
      const response = await fetch(`${root}${withQuery(route, query)}`, { headers, signal: until });
      if (response.ok && response.body !== null) return response.body;
      throw refusal(response.status, await response.text());
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw unreachable();
    }
  }

  return { root, request, repeat, items, stream };
}

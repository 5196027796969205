/** The addresses of the pages: one builder and one parser. All state that a reader may share is in the address. */

export type Route =
  | { page: 'sweeps' }
  | { page: 'sweep'; id: string }
  | { page: 'run'; id: string }
  | { page: 'inside'; id: string }
  | { page: 'insideSweep'; id: string }
  | { page: 'compare' }
  | { page: 'confusion' }
  | { page: 'fleet' }
  | { page: 'new' }
  | { page: 'sql' }
  | { page: 'studies' }
  | { page: 'unknown' };

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const SWEEP = new RegExp(`^/sweeps/(${UUID})$`, 'i');
const RUN = new RegExp(`^/runs/(${UUID})$`, 'i');
const INSIDE = new RegExp(`^/runs/(${UUID})/inside$`, 'i');
const INSIDE_SWEEP = new RegExp(`^/sweeps/(${UUID})/inside$`, 'i');
const SINGLE: Record<string, Route> = {
  '/': { page: 'sweeps' },
  '/compare': { page: 'compare' },
  '/confusion': { page: 'confusion' },
  '/fleet': { page: 'fleet' },
  '/new': { page: 'new' },
  '/sql': { page: 'sql' },
  '/studies': { page: 'studies' },
};

export function parsePath(path: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const single = Object.hasOwn(SINGLE, trimmed) ? SINGLE[trimmed] : undefined;
  if (single) return single;
  const [, sweep] = SWEEP.exec(trimmed) ?? [];
  if (sweep) return { page: 'sweep', id: sweep.toLowerCase() };
  const [, run] = RUN.exec(trimmed) ?? [];
  if (run) return { page: 'run', id: run.toLowerCase() };
  const [, inside] = INSIDE.exec(trimmed) ?? [];
  if (inside) return { page: 'inside', id: inside.toLowerCase() };
  const [, insideSweep] = INSIDE_SWEEP.exec(trimmed) ?? [];
  if (insideSweep) return { page: 'insideSweep', id: insideSweep.toLowerCase() };
  return { page: 'unknown' };
}

export type Search = Readonly<Record<string, string | undefined>>;

/** An address with its search parameters; those that are undefined or empty are left out. */
export function address(path: string, search: Search = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value) parameters.set(name, value);
  if (parameters.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${parameters}`;
}

export const to = {
  sweeps: (search?: Search) => address('/', search),
  sweep: (id: string, search?: Search) => address(`/sweeps/${id}`, search),
  run: (id: string) => `/runs/${id}`,
  inside: (runId: string, search?: Search) => address(`/runs/${runId}/inside`, search),
  /** The first run of a config that succeeded. */
  insideConfig: (sweepId: string, config: string) => address(`/sweeps/${sweepId}/inside`, { config }),
  compare: (configs: readonly string[]) => address('/compare', { c: configs.join(',') }),
  confusion: (search: { run?: string; config?: string; with?: string }) => address('/confusion', search),
  fleet: () => '/fleet',
  new: (search?: Search) => address('/new', search),
  sql: (query?: string) => address('/sql', { q: query }),
  studies: () => '/studies',
};

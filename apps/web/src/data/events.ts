/** One event stream for all pages: a change of a sweep or run marks what is shown of it as stale. */
import type { EventView } from '@ablate/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

export type Connection = 'connecting' | 'live' | 'lost';

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

function set(next: Connection): void {
  if (connection === next) return;
  connection = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Whether changes arrive. */
export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection);

/** Queries are refetched at most this often, however many events arrive. */
const REFRESH_MS = 1000;

/** Follows the log from now on, for as long as the page is open. EventSource reconnects by itself. */
export function followEvents(queries: QueryClient): () => void {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    const changed = [...stale];
    stale.clear();
    void queries.invalidateQueries({
      predicate: ({ queryKey: [kind, id] }) =>
        kind === 'sweeps' || kind === 'fleet' || (typeof id === 'string' && changed.includes(id)),
    });
  };
  const source = new EventSource('/api/v1/events/stream?after=latest');
  source.onopen = () => {
    if (connection === 'lost') void queries.invalidateQueries();
    set('live');
  };
  source.onerror = () => set('lost');
  const onEvent = ({ data }: MessageEvent<string>) => {
    const event: EventView = JSON.parse(data);
    stale.add(event.sweepId);
    if (event.runId) stale.add(event.runId);
    timer ??= setTimeout(refresh, REFRESH_MS);
  };
  for (const subject of ['sweep', 'run', 'attempt']) source.addEventListener(subject, onEvent);
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

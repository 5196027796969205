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
/** The leader stores verdicts after the last event of a sweep. */
const VERDICT_MS = 4000;
/** EventSource reconnects by itself, except after an answer that is no stream. */
const REOPEN_MS = 3000;

/** Follows the log from now on, for as long as the page is open. */
export function followEvents(queries: QueryClient): () => void {
  const stale = new Set<string>();
  let refreshing: ReturnType<typeof setTimeout> | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
  const refresh = () => {
    refreshing = undefined;
    const changed = [...stale];
    stale.clear();
    void queries.invalidateQueries({
      predicate: ({ queryKey: [kind, id] }) =>
        kind === 'sweeps' || kind === 'fleet' || (typeof id === 'string' && changed.includes(id)),
    });
    clearTimeout(settling);
    settling = setTimeout(() => void queries.invalidateQueries({ queryKey: ['sweeps'] }), VERDICT_MS);
  };
  const onEvent = ({ data }: MessageEvent<string>) => {
    const event: EventView = JSON.parse(data);
    stale.add(event.sweepId);
    if (event.runId) stale.add(event.runId);
    refreshing ??= setTimeout(refresh, REFRESH_MS);
  };
  const open = () => {
    clearTimeout(reopening);
    source = new EventSource('/api/v1/events/stream?after=latest');
    source.onopen = () => {
      // Events may have been missed, and requests have failed.
      if (connection === 'lost') void queries.invalidateQueries();
      set('live');
    };
    source.onerror = () => {
      set('lost');
      if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
    };
    for (const subject of ['sweep', 'run', 'attempt']) source.addEventListener(subject, onEvent);
  };
  const reopen = () => {
    source.close();
    open();
  };
  open();
  window.addEventListener('online', reopen);
  return () => {
    window.removeEventListener('online', reopen);
    for (const timer of [refreshing, settling, reopening]) clearTimeout(timer);
    source.close();
  };
}

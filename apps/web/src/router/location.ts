/** The browser's location as React state. */
import { useSyncExternalStore } from 'react';
import { address, type Search } from './routes.ts';

const CHANGED = 'ablate:location';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  window.addEventListener(CHANGED, onChange);
  return () => {
    window.removeEventListener('popstate', onChange);
    window.removeEventListener(CHANGED, onChange);
  };
}

/** Go to an address of these pages. `replace` leaves no entry in the history: for filters while one types. */
export function navigate(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) window.history.replaceState(null, '', href);
  else window.history.pushState(null, '', href);
  window.dispatchEvent(new Event(CHANGED));
}

const current = () => `${window.location.pathname}${window.location.search}`;

/** The path of the address. It changes when the reader navigates. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, current).split('?')[0] ?? '/';
}

/** The search parameters of the address, and a function that changes some of them; undefined removes one. */
export function useSearch(): [URLSearchParams, (change: Search, options?: { replace?: boolean }) => void] {
  const here = useSyncExternalStore(subscribe, current);
  return [new URLSearchParams(here.split('?')[1]), changeSearch];
}

/** One parameter of the address. A component that needs few is not drawn again when others change. */
export const useParameter = (name: string): string | null =>
  useSyncExternalStore(subscribe, () => new URLSearchParams(window.location.search).get(name));

/** Changes parameters of the address; undefined removes one. */
export function changeSearch(changed: Search, options?: { replace?: boolean }): void {
  const { pathname, search } = window.location;
  navigate(address(pathname, { ...Object.fromEntries(new URLSearchParams(search)), ...changed }), options);
}

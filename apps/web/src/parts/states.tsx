/** What a page shows in place of its content: while it loads, if there is nothing, if the request failed. */
import type { ReactNode } from 'react';
import { RequestError } from '../data/request.ts';
import css from './states.module.css';

export function Loading({ what }: { what: string }) {
  return (
    <div className={css.loading} role="status">
      <span className={css.bar} aria-hidden="true" />
      Loading {what} …
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={css.empty}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Whether the service refused the request. Other failures pass: the shell tells of them, and what is shown stays. */
export const isRefused = (error: Error | null): boolean =>
  error instanceof RequestError && error.status >= 400 && error.status < 500;

export function Failed({ error, what, retry }: { error: Error; what: string; retry?: () => void }) {
  const status = error instanceof RequestError ? error.status : null;
  const title =
    status === 404 ? `Unknown ${what}` : status === 0 ? 'No connection to the service' : `Could not load the ${what}`;
  return (
    <section className={css.failed} role="alert">
      <h2>{title}</h2>
      <p className={css.detail}>{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  );
}

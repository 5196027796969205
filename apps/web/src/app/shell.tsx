import type { ReactNode } from 'react';
import { type Connection, useConnection } from '../data/events.ts';
import { Link } from '../router/link.tsx';
import { to } from '../router/routes.ts';
import icon from '../theme/icon.svg';
import css from './shell.module.css';

export type Section = 'sweeps' | 'compare' | 'fleet' | 'sql' | 'new' | 'studies';

const SECTIONS: [Section, string, string][] = [
  ['sweeps', 'Sweeps', to.sweeps()],
  ['new', 'New sweep', to.new()],
  ['studies', 'Studies', to.studies()],
  ['fleet', 'Fleet', to.fleet()],
  ['sql', 'SQL', to.sql()],
];

/** Below the header while the service does not answer: the page stays, and catches up by itself. */
function Lost({ connection }: { connection: Connection }) {
  return (
    <p className={css.lost} role="status">
      {connection === 'lost' &&
        'No connection: trying again. The service may be restarting; what you see is from before.'}
    </p>
  );
}

/** What is around every page: the way to the other pages, and whether changes arrive. */
export function Shell({ section, children }: { section: Section | null; children: ReactNode }) {
  const connection = useConnection();
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        Skip to content
      </a>
      <header className={css.header}>
        <Link className={css.name} href={to.sweeps()}>
          <img src={icon} alt="" width="20" height="20" /> Ablate
        </Link>
        <nav aria-label="Pages">
          <ul className={css.nav}>
            {SECTIONS.map(([id, title, href]) => (
              <li key={id}>
                <Link href={href} aria-current={id === section ? 'page' : undefined}>
                  {title}
                </Link>
              </li>
            ))}
            <li>
              <a href="/queues">Queue</a>
            </li>
            <li>
              <a href="/docs">API</a>
            </li>
          </ul>
        </nav>
        <p className={css.connection} data-state={connection}>
          {connection === 'live' ? 'Live' : ''}
        </p>
      </header>
      <Lost connection={connection} />
      <main id="main" className={css.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

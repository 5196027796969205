import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { NotFound } from '../pages/not-found/not-found.tsx';
import { SweepsPage } from '../pages/sweeps/sweeps-page.tsx';
import { Loading } from '../parts/states.tsx';
import { usePath } from '../router/location.ts';
import { parsePath, type Route } from '../router/routes.ts';
import { Boundary } from './boundary.tsx';
import { type Section, Shell } from './shell.tsx';

type Page = { section: Section | null; content: ComponentType<{ id: string }> };

/** Each page with its section; all but the first are loaded when they are opened. */
const PAGES: Record<Route['page'], Page> = {
  sweeps: { section: 'sweeps', content: SweepsPage },
  sweep: { section: 'sweeps', content: lazy(() => import('../pages/sweep/sweep-page.tsx')) },
  run: { section: 'sweeps', content: lazy(() => import('../pages/run/run-page.tsx')) },
  inside: { section: 'sweeps', content: lazy(() => import('../pages/inside/inside-page.tsx')) },
  insideSweep: { section: 'sweeps', content: lazy(() => import('../pages/inside/inside-sweep.tsx')) },
  compare: { section: 'compare', content: lazy(() => import('../pages/compare/compare-page.tsx')) },
  confusion: { section: 'sweeps', content: lazy(() => import('../pages/confusion/confusion-page.tsx')) },
  fleet: { section: 'fleet', content: lazy(() => import('../pages/fleet/fleet-page.tsx')) },
  new: { section: 'new', content: lazy(() => import('../pages/new/new-page.tsx')) },
  sql: { section: 'sql', content: lazy(() => import('../pages/sql/sql-page.tsx')) },
  studies: { section: 'studies', content: lazy(() => import('../pages/studies/studies-page.tsx')) },
  unknown: { section: null, content: NotFound },
};

export function App() {
  const path = usePath();
  const route = parsePath(path);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page takes the focus, so that a screen reader reads it
  useEffect(() => document.getElementById('main')?.focus({ preventScroll: true }), [path]);
  const { section, content: Content } = PAGES[route.page];
  const id = 'id' in route ? route.id : '';
  return (
    <Shell section={section}>
      <Boundary key={path}>
        <Suspense fallback={<Loading what="the page" />}>
          <Content id={id} />
        </Suspense>
      </Boundary>
    </Shell>
  );
}

/** The generated pages: their paths, and what writes them. */
import { environmentPage } from './environment.ts';
import { runsView } from './runs-view.ts';
import { specPage } from './spec.ts';
import { sqlPage } from './sql.ts';

export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/environment.md': environmentPage,
  'docs/spec.md': specPage,
  'docs/sql.md': sqlPage,
  'prisma/views/runs.sql': runsView,
};

/** The generated pages: their paths, and what writes them, in the order of writing: the SQL page reads the views. */
import { environmentPage } from './environment.ts';
import { runsView } from './runs-view.ts';
import { specPage } from './spec.ts';
import { sqlPage } from './sql.ts';

export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'prisma/views/runs.sql': runsView,
  'docs/environment.md': environmentPage,
  'docs/spec.md': specPage,
  'docs/sql.md': sqlPage,
};

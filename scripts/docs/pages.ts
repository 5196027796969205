/** The generated pages: their paths, and what writes them. */
import { environmentPage } from './environment.ts';
import { specPage } from './spec.ts';

export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/environment.md': environmentPage,
  'docs/spec.md': specPage,
};

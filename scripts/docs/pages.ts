/** The generated pages: their paths, and what writes them. */
import { specPage } from './spec.ts';

export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/spec.md': specPage,
};

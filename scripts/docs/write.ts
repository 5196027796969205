/** Door of `npm run docs`: writes the generated pages. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PAGES } from './pages.ts';

for (const [path, page] of Object.entries(PAGES)) {
  await writeFile(resolve(import.meta.dirname, '../..', path), await page());
  console.log(`wrote ${path}`);
}

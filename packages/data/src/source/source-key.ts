/** The key of a packed copy. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { DatasetError, type OnProgress } from '../dataset.ts';
import { CAPS } from './entries.ts';
import type { Source } from './source.ts';
import { walkFolder } from './walk.ts';

/** Changes when the choice or any file of the source has changed. Costs a `stat` per file. @throws DatasetError if the source cannot be listed */
export async function sourceKey(source: Source, choice: unknown, onProgress?: OnProgress): Promise<string> {
  let listed = 0;
  const hash = createHash('sha256').update(JSON.stringify([choice, source.format, source.path]));
  if (source.container === 'folder')
    for await (const batch of walkFolder(source.path, { limit: CAPS.entries })) {
      hash.update(batch.map(({ path, stamp }) => `${path}\0${stamp}\n`).join(''));
      listed += batch.length;
      onProgress?.({ stage: 'listing', done: listed, total: null });
    }
  else {
    const found = statSync(source.path, { throwIfNoEntry: false });
    if (!found) throw new DatasetError(`${source.path}: has been removed`);
    hash.update(`${found.size} ${found.mtimeMs} ${found.ctimeMs}`);
  }
  return hash.digest('hex').slice(0, 16);
}

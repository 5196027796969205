/** Prints the tables of pages in docs from the results of `train`, `queue`, `web` and `search`, or writes them. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readQueueResults } from './queue/results.ts';
import { queueTable } from './queue/table.ts';
import { readSearchResults } from './search/results.ts';
import { searchTable } from './search/table.ts';
import { writeBetween } from './train/page.ts';
import { readResults } from './train/results.ts';
import { report } from './train/table.ts';
import { readWebResults } from './web/results.ts';
import { webTable } from './web/table.ts';

const MARKERS = ['<!-- npm run bench -- report --write -->', '<!-- end of report -->'] as const;

const { values } = parseArgs({
  options: {
    results: { type: 'string', default: resolve(import.meta.dirname, 'results/train.json') },
    queue: { type: 'string', default: resolve(import.meta.dirname, 'results/queue.json') },
    web: { type: 'string', default: resolve(import.meta.dirname, 'results/web.json') },
    search: { type: 'string', default: resolve(import.meta.dirname, 'results/search.json') },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- report [options]

  --results  results of train (bench/results/train.json)
  --queue    results of queue (bench/results/queue.json)
  --web      results of web (bench/results/web.json)
  --search   results of search (bench/results/search.json)
  --write    write the tables between the markers of those pages instead of printing them`);
  process.exit(0);
}

/** Each page, the results file of its tables, and the function that formats them. */
const PAGES: [page: string, file: string, tables: (file: string) => string][] = [
  [
    'performance.md',
    resolve(values.results),
    (file) => {
      const { rows, machine } = readResults(file);
      return report(rows, machine);
    },
  ],
  ['queue.md', resolve(values.queue), (file) => queueTable(readQueueResults(file))],
  ['pages.md', resolve(values.web), (file) => webTable(readWebResults(file))],
  ['search.md', resolve(values.search), (file) => searchTable(readSearchResults(file))],
];

for (const [page, file, tables] of PAGES)
  if (!existsSync(file)) console.error(`docs/${page} is unchanged: ${file} does not exist`);
  else if (values.write) writeBetween(page, MARKERS, tables(file));
  else console.log(tables(file));

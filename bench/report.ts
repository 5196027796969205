/** Prints the tables of pages in docs from the results of `train`, `data`, `queue`, `web` and `search`, or writes them. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataTable, readDataResults } from './data/results.ts';
import { readQueueResults } from './queue/results.ts';
import { queueTable } from './queue/table.ts';
import { RunResults, runTable } from './run/table.ts';
import { readSearchResults } from './search/results.ts';
import { searchTable } from './search/table.ts';
import { SweepResults, sweepTable } from './sweep/table.ts';
import { writeBetween } from './train/page.ts';
import { readResults } from './train/results.ts';
import { report } from './train/table.ts';
import { readWebResults } from './web/results.ts';
import { webTable } from './web/table.ts';

const MARKERS = ['<!-- npm run bench -- report --write -->', '<!-- end of report -->'] as const;

const { values } = parseArgs({
  options: {
    results: { type: 'string', default: resolve(import.meta.dirname, 'results/train.json') },
    limited: { type: 'string', default: resolve(import.meta.dirname, 'results/train-avx2.json') },
    sweep: { type: 'string', default: resolve(import.meta.dirname, 'results/sweep.json') },
    data: { type: 'string', default: resolve(import.meta.dirname, 'results/data.json') },
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
  --limited  results of train on a processor limited to AVX2 (bench/results/train-avx2.json)
  --sweep    results of sweep (bench/results/sweep.json)
  --data     results of data (bench/results/data.json)
  --queue    results of queue (bench/results/queue.json)
  --web      results of web (bench/results/web.json)
  --search   results of search (bench/results/search.json)
  --write    write the tables between the markers of those pages instead of printing them`);
  process.exit(0);
}

function speedTables(file: string): string {
  const tables = [file, resolve(values.limited)].filter(existsSync).map((one) => {
    const { rows, machine } = readResults(one);
    return report(rows, machine);
  });
  const sweep = resolve(values.sweep);
  const json = (one: string): unknown => JSON.parse(readFileSync(one, 'utf8'));
  const evaluated = resolve(import.meta.dirname, 'results/evaluate.json');
  if (existsSync(evaluated)) {
    const { rows, machine } = readResults(evaluated);
    tables.push(`### Evaluation\n\n${report(rows, machine).replaceAll('\n### ', '\n#### ')}`);
  }
  const run = resolve(import.meta.dirname, 'results/run.json');
  const runs = existsSync(run) ? [`### In a run\n\n${runTable(RunResults.parse(json(run)))}`] : [];
  const whole = existsSync(sweep) ? [`### A whole sweep\n\n${sweepTable(SweepResults.parse(json(sweep)))}`] : [];
  return [...tables, ...runs, ...whole].join('\n\n');
}

/** Each page, the results file of its tables, and the function that formats them. */
const PAGES: [page: string, file: string, tables: (file: string) => string][] = [
  ['performance.md', resolve(values.results), speedTables],
  ['data.md', resolve(values.data), (file) => dataTable(readDataResults(file))],
  ['queue.md', resolve(values.queue), (file) => queueTable(readQueueResults(file))],
  ['pages.md', resolve(values.web), (file) => webTable(readWebResults(file))],
  ['search.md', resolve(values.search), (file) => searchTable(readSearchResults(file))],
];

for (const [page, file, tables] of PAGES)
  if (!existsSync(file)) console.error(`docs/${page} is unchanged: ${file} does not exist`);
  else if (values.write) writeBetween(page, MARKERS, tables(file));
  else console.log(tables(file));

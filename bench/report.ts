/** Print the tables of docs/performance.md from the results that `train` wrote; --write puts them there. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBetween } from './train/page.ts';
import { readResults } from './train/results.ts';
import { report } from './train/table.ts';

const MARKERS = ['<!-- npm run bench -- report --write -->', '<!-- end of report -->'] as const;

const { values } = parseArgs({
  options: {
    results: { type: 'string', default: resolve(import.meta.dirname, 'results/train.json') },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run bench -- report [options]

  --results  file that train wrote (bench/results/train.json)
  --write    put the tables between the markers of docs/performance.md instead of printing them`);
  process.exit(0);
}

const { rows, machine } = readResults(resolve(values.results));
const tables = report(rows, machine);
if (values.write) writeBetween('performance.md', MARKERS, tables);
else console.log(tables);

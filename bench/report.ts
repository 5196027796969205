/** Print the tables of docs/performance.md from the results that `train` wrote; --write puts them there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readResults } from './train/results.ts';
import { report } from './train/table.ts';

const [START, END] = ['<!-- npm run bench -- report --write -->', '<!-- end of report -->'];

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
if (values.write) {
  const page = resolve(import.meta.dirname, '../docs/performance.md');
  const text = readFileSync(page, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`${page} has no lines "${START}" and "${END}"`);
  writeFileSync(page, `${text.slice(0, start + START.length)}\n${tables}\n${text.slice(end)}`);
} else console.log(tables);

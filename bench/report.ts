/** Print the Markdown tables of docs/performance.md from the results that `train` wrote. */
import { resolve } from 'node:path';
import { readResults } from './train/results.ts';
import { report } from './train/table.ts';

const file = resolve(process.argv[2] ?? resolve(import.meta.dirname, 'results/train.json'));
const { rows, machine } = readResults(file);
console.log(report(rows, machine));

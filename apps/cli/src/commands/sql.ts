import { text } from 'node:stream/consumers';
import { Option } from 'commander';
import type { Register } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { positive } from '../option.ts';
import { query, toObjects } from '../sql/query.ts';
import { type Cell, formatCsv, formatTable } from '../table.ts';

type Options = { limit: number; json?: boolean; csv?: boolean };

/** Long fractions are cut in tables only: CSV and JSON keep every digit. */
const shorten = (value: string | null): Cell => (value === null ? '' : value.replace(/^(-?\d+\.\d{6})\d+$/, '$1'));

export const sql: Register = (program, context) => {
  program
    .command('sql')
    .description('Ask in SQL, through the read-only role. Views: runs, curves, ablation, events.')
    .argument('<statement>', 'one statement; - reads stdin')
    .option('--limit <rows>', 'most rows shown', positive, 1000)
    .addOption(new Option('--json', 'answer in JSON: an object a row').conflicts('csv'))
    .option('--csv', 'answer in CSV')
    .addHelpText(
      'after',
      '\nExample: ablate sql "select axes, n, test_mean, test_sd from ablation order by test_mean desc"',
    )
    .action(async (statement: string, { limit, json, csv }: Options) => {
      const { readerUrl } = await context.env();
      if (readerUrl === undefined)
        throw new Failure(
          'no database is known for SQL: start one with `npm start`, or set ABLATE_READER_URL',
          EXIT.unreachable,
        );
      const written = statement === '-' ? await text(process.stdin) : statement;
      if (written.trim() === '') throw new Failure('the statement is empty', EXIT.usage);
      const answer = await query(readerUrl, written, { limit, signal: context.signal });
      if (json) context.print(JSON.stringify(toObjects(answer), null, 2));
      else if (csv) context.print(formatCsv(answer.columns, answer.rows));
      else {
        const rows = answer.rows.map((row) => row.map(shorten));
        context.print(
          `${formatTable(answer.columns, rows)}\n(${answer.rows.length} ${answer.rows.length === 1 ? 'row' : 'rows'})`,
        );
      }
      if (answer.truncated) context.say(`cut off after ${limit} rows: --limit shows more`);
    });
};

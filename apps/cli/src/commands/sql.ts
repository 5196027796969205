import { text } from 'node:stream/consumers';
import { UserError } from '@ablate/contracts';
import { Option } from 'commander';
import { asJson, examples, type Register } from '../command.ts';
import { count } from '../format.ts';
import { wholeNumber } from '../option.ts';
import { query, toObjects } from '../sql/query.ts';
import { type Cell, formatCsv, formatTable } from '../table.ts';

type Options = { limit: number; json?: boolean; csv?: boolean; url?: boolean };

/** Long fractions are cut in tables only: CSV and JSON keep every digit. */
const shorten = (value: string | null): Cell => (value === null ? '' : value.replace(/^(-?\d+\.\d{6})\d+$/, '$1'));

export const sql: Register = (program, context) => {
  program
    .command('sql')
    .description('Run a SQL query with the read-only role. Views: runs, curves, ablation, events.')
    .argument('[statement]', 'one statement; - reads stdin')
    .option('--limit <rows>', 'maximum number of rows', wholeNumber(1), 1000)
    .addOption(new Option('--json', 'print JSON, one object per row').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--url', 'print the address of the database with the read-only role and its password, for other programs')
    .addHelpText('after', examples('sql "select axes, n, test_mean, test_sd from ablation order by test_mean desc"'))
    .action(async (statement: string | undefined, { limit, json, csv, url }: Options) => {
      const { readerUrl } = await context.env();
      if (readerUrl === undefined)
        throw new UserError(
          'no database is configured for SQL: start one with `npm start`, or set ABLATE_READER_URL',
          'unreachable',
        );
      if (url) return context.print(readerUrl);
      if (statement === undefined) throw new UserError('missing the statement: ablate sql "select …"', 'usage');
      const written = statement === '-' ? await text(process.stdin) : statement;
      if (written.trim() === '') throw new UserError('the statement is empty', 'usage');
      const answer = await query(readerUrl, written, { limit, signal: context.signal });
      if (json) context.print(asJson(toObjects(answer)));
      else if (csv) context.print(formatCsv(answer.columns, answer.rows));
      else {
        const rows = answer.rows.map((row) => row.map(shorten));
        context.print(`${formatTable(answer.columns, rows)}\n(${count(rows.length, 'row')})`);
      }
      if (answer.truncated) context.log(`truncated after ${count(limit, 'row')}; raise --limit to see more`);
    });
};

import { text } from 'node:stream/consumers';
import { count } from '@ablate/contracts/count';
import { UserError } from '@ablate/contracts/user-error';
import type { ParameterValue } from '@ablate/sql';
import { LIMITS } from '@ablate/sql/limits';
import { InvalidArgumentError, Option } from 'commander';
import { asJson, type Context, examples, type Register } from '../command.ts';
import { wholeNumber } from '../option.ts';
import { type Cell, formatRecords, formatTable, tableWidth } from '../table.ts';

type Parameters = Record<string, ParameterValue>;
type Options = {
  limit: number;
  json?: boolean;
  csv?: boolean;
  expanded?: boolean;
  query?: string;
  param: Parameters;
  url?: boolean;
};

/** Long fractions are cut in tables only: CSV and JSON keep every digit. */
const shorten = (value: string | null): Cell => (value === null ? '' : value.replace(/^(-?\d+\.\d{6})\d+$/, '$1'));

function parameter(text: string, others: Parameters): Parameters {
  const [, name, value] = /^([a-z_][a-z0-9_]*)=(.*)$/is.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('expected name=value');
  return { ...others, [name]: value };
}

function limit(text: string): number {
  const rows = wholeNumber(1)(text);
  if (rows > LIMITS.rows) throw new InvalidArgumentError(`expected at most ${LIMITS.rows}; for more, use psql`);
  return rows;
}

/** The statement as it was given: as an argument, on stdin, or by the name of a query. */
async function statementOf(statement: string | undefined, { query }: Options): Promise<string> {
  if ((statement === undefined) === (query === undefined)) throw new UserError('give a statement, or --query', 'usage');
  if (statement !== undefined) return statement === '-' ? text(process.stdin) : statement;
  const { builtInQueries } = await import('@ablate/sql');
  const known = await builtInQueries();
  const found = known.find(({ name }) => name === query);
  if (found) return found.sql;
  throw new UserError(`unknown query "${query}": ${known.map(({ name }) => name).join(', ')}`, 'usage');
}

async function readerUrlOf({ env }: Context): Promise<string> {
  const { readerUrl } = await env();
  if (readerUrl === undefined)
    throw new UserError(
      'no database is configured for SQL: start one with `npm start`, or set ABLATE_READER_URL',
      'unreachable',
    );
  return readerUrl;
}

export const sql: Register = (program, context) => {
  program
    .command('sql')
    .description(
      `Run a SQL query with the read-only role, for at most ${LIMITS.seconds} s and ${LIMITS.bytes / 1e6} MB. docs/sql.md lists the views, and so does "select * from columns".`,
    )
    .summary('Run a SQL query with the read-only role.')
    .argument('[statement]', 'one SELECT; - reads stdin')
    .option('--query <name>', 'a query of studies/queries instead of a statement')
    .option('--param <name=value>', 'value of :name in the statement; may be repeated', parameter, {})
    .option('--limit <rows>', 'maximum number of rows', limit, 1000)
    .addOption(new Option('--json', 'print JSON, one object per row').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('-x, --expanded', 'print one line per value; so are rows that are wider than the terminal')
    .option('--url', 'print the address of the database with the read-only role and its password, for other programs')
    .addHelpText(
      'after',
      examples(
        'sql "select axes, n, test_mean, test_sd from ablation order by test_mean desc"',
        'sql --query verdicts --param sweep_id=2f1c… --param metric=test_accuracy',
      ),
    )
    .action(async (statement: string | undefined, options: Options) => {
      const url = await readerUrlOf(context);
      if (options.url) return context.print(url);
      const written = await statementOf(statement, options);
      if (written.trim() === '') throw new UserError('the statement is empty', 'usage');
      const { limit: rows, param: parameters, json, csv, expanded } = options;
      const { runStatement, toCsv, toObjects } = await import('@ablate/sql');
      const answer = await runStatement(url, written, {
        parameters,
        limits: { ...LIMITS, rows },
        signal: context.signal,
      });
      if (json) context.print(asJson(toObjects(answer)));
      else if (csv) context.write(toCsv(answer));
      else {
        const cells = answer.rows.map((row) => row.map(shorten));
        const names = answer.columns.map(({ name }) => name);
        const isWide = process.stdout.isTTY && tableWidth(names, cells) > process.stdout.columns;
        const format = expanded || isWide ? formatRecords : formatTable;
        context.print(`${format(names, cells)}\n(${count(cells.length, 'row')})`);
      }
      if (answer.truncated === 'rows') context.log(`truncated after ${count(rows, 'row')}; raise --limit to see more`);
      if (answer.truncated === 'bytes')
        context.log(`truncated after ${LIMITS.bytes / 1e6} MB: select fewer columns or rows`);
    });
};

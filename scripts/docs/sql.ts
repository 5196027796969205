/** `docs/sql.md`: every view that SQL may read, from the comments in `prisma/views`. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HARDENING } from '@ablate/db';
import { builtInQueries } from '@ablate/sql';
import { LIMITS } from '@ablate/sql/limits';
import { parameterDescriptions } from './runs-view.ts';
import { code, table } from './table.ts';

const VIEWS = resolve(import.meta.dirname, '../../prisma/views');

const ON_VIEW = /^COMMENT ON VIEW "reporting"."(\w+)" IS '((?:[^']|'')*)';$/gm;
const ON_COLUMN = /^COMMENT ON COLUMN "reporting"."(\w+)"."?(\w+)"? IS '((?:[^']|'')*)';$/gm;

const unquoted = (text: string | undefined): string => (text ?? '').replaceAll("''", "'");

/** Views in the order of the page: what they answer, then what it is made of. The rest follow in the order of their names. */
const FIRST = ['ablation', 'comparisons', 'effects', 'interactions', 'pareto', 'cost', 'runs', 'configs', 'cells'];

function viewSection(text: string): { name: string; section: string } | null {
  const [found] = text.matchAll(ON_VIEW);
  if (found === undefined) return null; // a view of the schema "public"
  const [, name = '', description] = found;
  const parameters = name === 'runs' ? parameterDescriptions() : new Map<string, string>();
  const columns = [...text.matchAll(ON_COLUMN)].map(([, , column = '', comment]) => [
    code(column),
    parameters.get(column) ?? unquoted(comment),
  ]);
  return { name, section: `### ${name}\n\n${unquoted(description)}\n\n${table(['column', 'description'], columns)}` };
}

const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

/** The whole page. */
export async function sqlPage(): Promise<string> {
  const queries = await builtInQueries();
  const views = readdirSync(VIEWS)
    .sort()
    .flatMap((file) => viewSection(readFileSync(resolve(VIEWS, file), 'utf8')) ?? [])
    .sort((a, b) => rank(a.name) - rank(b.name));
  return `# SQL

<!-- Generated from the comments in prisma/views by \`npm run docs\`. Do not edit. -->

The views in the schema \`reporting\` are a public interface: their columns keep their names and
meaning, and new ones are added at the end. \`select * from columns\` lists this page with types.

| door | how |
| --- | --- |
| command line | \`ablate sql "select …"\`, \`--json\`, \`--csv\`, \`--query NAME --param name=value\` |
| HTTP | \`POST /api/v1/sql\` with \`{ "sql": "…", "parameters": { … } }\`: JSON, CSV or Parquet by the Accept header |
| psql, notebooks | the address in ABLATE_READER_URL |

\`\`\`sql
select axes, mean, sd, n, difference, half, holm_p, verdict from comparisons
where sweep = 'patch size and block order' and metric = 'test_accuracy' order by mean desc
\`\`\`

## Statements

A statement is one SELECT, with WITH queries and subqueries as you like. It reads the views and calls
built-in functions; it cannot write, lock, wait or change settings. \`:name\` is a parameter, whose
value is sent apart from the statement; a slice with a name in it is written with spaces, as in
\`a[1 : n]\`.

Limits: ${LIMITS.rows.toLocaleString('en-US')} rows, ${LIMITS.bytes / 1e6} MB and ${LIMITS.seconds} seconds. An answer that is cut off says by which limit. A
statement ends within a second after its client has left.

Saved queries are the files of \`studies/queries\` and those that \`POST /api/v1/queries\` adds:

${table(
  ['query', 'parameters', 'answers'],
  queries.map(({ name, parameters, description }) => [code(name), parameters.map(code).join(', '), description]),
)}

## Views

${views.map(({ section }) => section).join('\n\n')}

## The read-only role

\`npm start\` and \`migrate\` create the role. It reads the views in \`reporting\` and nothing else; its
transactions are read-only, and time, memory and temporary files are limited. Each statement has a
session of its own, so what it sets does not last. A client
that connects with its password may change the role's own defaults and password: the next start puts
them back.

PostgreSQL lets every user call some functions that wait, lock or write. Ablate takes that right from
PUBLIC in its database if its user is a superuser. Otherwise \`ablate sql\` and \`POST /api/v1/sql\`
refuse to run until a superuser has run this once in Ablate's database:

\`\`\`sql
${HARDENING}
\`\`\`
`;
}

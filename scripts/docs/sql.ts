/** `docs/sql.md`: every view that SQL may read, from the comments in `prisma/views`. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { code, table } from './table.ts';

const VIEWS = resolve(import.meta.dirname, '../../prisma/views');

const ON_VIEW = /^COMMENT ON VIEW "reporting"."(\w+)" IS '((?:[^']|'')*)';$/gm;
const ON_COLUMN = /^COMMENT ON COLUMN "reporting"."(\w+)"."(\w+)" IS '((?:[^']|'')*)';$/gm;

const unquoted = (text: string | undefined): string => (text ?? '').replaceAll("''", "'");

/** Views in the order of the page: what they answer, then what it is made of. The rest follow in the order of their names. */
const FIRST = ['ablation', 'comparisons', 'effects', 'interactions', 'pareto', 'cost', 'runs', 'configs', 'cells'];

function viewSection(text: string): { name: string; section: string } | null {
  const [found] = text.matchAll(ON_VIEW);
  if (found === undefined) return null; // a view of the schema "public"
  const [, name = '', description] = found;
  const columns = [...text.matchAll(ON_COLUMN)].map(([, , column, comment]) => [code(column), unquoted(comment)]);
  return { name, section: `### ${name}\n\n${unquoted(description)}\n\n${table(['column', 'description'], columns)}` };
}

const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

/** The whole page. */
export function sqlPage(): string {
  const views = readdirSync(VIEWS)
    .sort()
    .flatMap((file) => viewSection(readFileSync(resolve(VIEWS, file), 'utf8')) ?? [])
    .sort((a, b) => rank(a.name) - rank(b.name));
  return `# SQL

<!-- Generated from the comments in prisma/views by \`npm run docs\`. Do not edit. -->

The views in the schema \`reporting\` are a public interface: their columns keep their names and
meaning, and new ones are added at the end. \`ablate sql\` and \`psql\` with ABLATE_READER_URL read
them. \`select * from columns\` lists this page with types.

\`\`\`sql
select axes, mean, sd, n, difference, half, holm_p, verdict from comparisons
where sweep = 'patch size and block order' and metric = 'test_accuracy' order by mean desc
\`\`\`

## Views

${views.map(({ section }) => section).join('\n\n')}
`;
}

/** Queries as files: SQL with a header of comments, which git can hold. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '@ablate/files';
import { checkStatement } from './statement.ts';

export type Query = {
  name: string;
  title: string;
  description: string;
  /** The names of `:name` in the statement. */
  parameters: string[];
  sql: string;
};

const FOLDER = join(REPOSITORY, 'studies', 'queries');
const HEADER = /^--\s*(title|description):\s*(.*)$/;

/** Reads `-- title: …` and `-- description: …` at the start of a file. Throws SqlError if the statement is not allowed. */
export async function parseQueryFile(name: string, text: string): Promise<Query> {
  const lines = text.split('\n');
  const head = { title: name, description: '' };
  let line = 0;
  for (; line < lines.length; line++) {
    const [, field, value = ''] = HEADER.exec(lines[line] ?? '') ?? [];
    if (field !== 'title' && field !== 'description') break;
    head[field] = head[field] === '' || field === 'title' ? value : `${head[field]} ${value}`;
  }
  const sql = lines.slice(line).join('\n').trim();
  const { names } = await checkStatement(sql);
  return { name, ...head, parameters: names, sql };
}

let known: Promise<Query[]> | undefined;

/** The queries of `studies/queries`, by name. */
export const builtInQueries = (): Promise<Query[]> =>
  (known ??= (async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
    return Promise.all(
      files.map(async (file) => parseQueryFile(file.replace(/\.sql$/, ''), await readFile(join(FOLDER, file), 'utf8'))),
    );
  })());

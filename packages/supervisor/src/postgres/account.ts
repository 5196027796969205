import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** The account that runs PostgreSQL. Null instead of an account is the account of this process. */
export type Account = { name: string; uid: number; gid: number };

const CANDIDATES = ['postgres', 'nobody'];

function findAccount(name: string): Account | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : null;
}

/**
 * PostgreSQL refuses to run as root: root uses the owner of an existing data folder, else `postgres`, else `nobody`.
 * Other users run it under their own account (null).
 */
export function chooseAccount(dataFolder: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const account = findAccount(name);
    if (account) return account;
  }
  throw new Error(
    'PostgreSQL does not run as root, and the users postgres and nobody do not exist: create one (useradd --system postgres), or set DATABASE_URL',
  );
}

/** Whether a shell command (its arguments are $1, $2, …) succeeds as that account. */
export const succeedsAs = (account: Account | null, script: string, ...args: string[]): boolean =>
  spawnSync('/bin/sh', ['-c', script, 'sh', ...args], { ...asAccount(account), stdio: 'ignore' }).status === 0;

/** Options of spawn: the account, and a current directory that every account can enter. */
export const asAccount = (account: Account | null) =>
  account ? { uid: account.uid, gid: account.gid, cwd: '/' } : { cwd: '/' };

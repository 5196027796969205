import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, chooseAccount, succeedsAs } from './account.ts';

/** Files of PostgreSQL, if root runs Ablate and the account of PostgreSQL cannot reach the home. */
export const ELSEWHERE = '/var/lib/ablate';

const canWrite = (account: Account | null, folder: string): boolean =>
  succeedsAs(account, 'cd "$1" && [ -w . ]', folder);

function makeFolder(folder: string, account: Account | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account) chownSync(folder, account.uid, account.gid);
}

/**
 * Creates the folder of PostgreSQL's files, owned by the account that will run it: `<home>/postgres`, or, if that account
 * cannot reach it, one in /var/lib/ablate with a link to it in `home`. `remembered` is the folder of an earlier start.
 */
export function prepareDataFolder(
  home: string,
  remembered: string | null,
): { folder: string; account: Account | null } {
  const usual = join(home, 'postgres');
  const folder = remembered ?? usual;
  const account = chooseAccount(folder);
  if (account) chmodSync(home, statSync(home).mode | 0o011);
  makeFolder(folder, account);
  if (canWrite(account, folder)) return { folder, account };
  if (!account || remembered)
    throw new Error(
      `${account?.name ?? 'this user'} cannot write to ${folder}: start Ablate as the user who created it, or move it away`,
    );
  const other = join(ELSEWHERE, randomBytes(8).toString('hex'));
  mkdirSync(ELSEWHERE, { recursive: true, mode: 0o755 });
  if (lstatSync(usual).isSymbolicLink()) rmSync(usual);
  else renameSync(usual, other); // with its content: the checkout may have been moved
  makeFolder(other, account);
  if (!canWrite(account, other)) throw new Error(`${account.name} cannot write to ${other}: set DATABASE_URL`);
  symlinkSync(other, usual);
  return { folder: other, account };
}

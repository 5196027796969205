import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkStore, StoreAddress } from '@ablate/checkpoints';
import type { CliEnv } from '../env.ts';
import type { Check } from './check.ts';

/** Whether checkpoints can be written to their store: something is written and removed. Nothing is created for that. */
export async function checkpointsCheck({ checkpoints, home }: CliEnv): Promise<Check> {
  const name = 'checkpoints';
  const written = checkpoints ?? join(home, 'checkpoints');
  const address = StoreAddress.safeParse(written);
  if (!address.success)
    return {
      name,
      state: 'missing',
      detail: `${written}: ${address.error.issues[0]?.message}`,
      remedy: 'correct ABLATE_CHECKPOINTS',
    };
  if (address.data.kind === 'file' && !existsSync(address.data.folder))
    return { name, state: 'ok', detail: `${address.data.folder}, created at the first run` };
  try {
    await checkStore(address.data);
    return { name, state: 'ok', detail: address.data.kind === 'postgres' ? 'in PostgreSQL' : `${written}, writable` };
  } catch (error) {
    return { name, state: 'missing', detail: error instanceof Error ? error.message : String(error) };
  }
}

import type { OwnerChange, OwnerView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, lockDispatch } from '@ablate/db';
import { listOwners } from './list-owners.ts';

/** Give an owner its weight and its limit, and make it if there is none of the name. What is not named stays; null lifts the limit. */
export async function setOwner(db: Database, name: string, { weight, limits }: OwnerChange): Promise<OwnerView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    await client.query(
      `INSERT INTO owner (name, weight, max_running) VALUES ($1, coalesce($2::float8, 1), $4::integer)
       ON CONFLICT (name) DO UPDATE SET weight = coalesce($2::float8, owner.weight),
         max_running = CASE WHEN $3 THEN $4::integer ELSE owner.max_running END`,
      [name, weight ?? null, limits?.running !== undefined, limits?.running ?? null],
    );
  });
  const [owner] = await listOwners(db, name);
  if (owner === undefined) throw new Error(`owner ${name} was not written`);
  return owner;
}

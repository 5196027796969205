import { type OwnerChange, OwnerView } from '@ablate/contracts';
import { inTransaction, lockDispatch, type Queryable, queryRows } from '@ablate/db';
import type { Context } from './context.ts';

/** All owners by name, or only `name`. */
const readOwners = (db: Queryable, name?: string): Promise<OwnerView[]> =>
  queryRows(
    db,
    OwnerView,
    `SELECT owner.name, owner.weight, json_build_object('running', owner.max_running) AS limits,
       coalesce(run.queued, 0)::integer AS queued, coalesce(run.running, 0)::integer AS running
     FROM owner LEFT JOIN (
       SELECT sweep.owner, count(*) FILTER (WHERE run.state = 'queued') AS queued, count(*) FILTER (WHERE run.state = 'running') AS running
       FROM run JOIN sweep ON sweep.id = run.sweep_id WHERE run.state IN ('queued', 'running') GROUP BY sweep.owner
     ) run ON run.owner = owner.name
     WHERE $1::text IS NULL OR owner.name = $1 ORDER BY owner.name`,
    [name ?? null],
  );

/** Every owner by name, with the number of its queued and running runs. */
export const listOwners = ({ db }: Context): Promise<OwnerView[]> => readOwners(db.pool);

/**
 * Sets an owner's weight and limit; creates the owner if the name is new. An omitted field keeps its value; null removes the
 * limit.
 */
export async function setOwner(
  { db }: Context,
  { name, weight, limits }: OwnerChange & { name: string },
): Promise<OwnerView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    await client.query(
      `INSERT INTO owner (name, weight, max_running) VALUES ($1, coalesce($2::float8, 1), $4::integer)
       ON CONFLICT (name) DO UPDATE SET weight = coalesce($2::float8, owner.weight),
         max_running = CASE WHEN $3 THEN $4::integer ELSE owner.max_running END`,
      [name, weight ?? null, limits?.running !== undefined, limits?.running ?? null],
    );
  });
  const [owner] = await readOwners(db.pool, name);
  if (owner === undefined) throw new Error(`owner ${name} was not written`);
  return owner;
}

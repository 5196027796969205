import type { OwnerView } from '@ablate/contracts';
import type { Database } from '@ablate/db';

/** Every owner by name, or the one that is named, with what of theirs waits and runs. */
export async function listOwners({ pool }: Database, name?: string): Promise<OwnerView[]> {
  const { rows } = await pool.query<OwnerView>(
    `SELECT owner.name, owner.weight, json_build_object('running', owner.max_running) AS limits,
       coalesce(run.queued, 0)::integer AS queued, coalesce(run.running, 0)::integer AS running
     FROM owner LEFT JOIN (
       SELECT sweep.owner, count(*) FILTER (WHERE run.state = 'queued') AS queued, count(*) FILTER (WHERE run.state = 'running') AS running
       FROM run JOIN sweep ON sweep.id = run.sweep_id WHERE run.state IN ('queued', 'running') GROUP BY sweep.owner
     ) run ON run.owner = owner.name
     WHERE $1::text IS NULL OR owner.name = $1 ORDER BY owner.name`,
    [name ?? null],
  );
  return rows;
}

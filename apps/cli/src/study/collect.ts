/** The rows of a study's sweeps, by SQL over the API, as the files that its report is made from. */
import type { Api } from '@ablate/client';
import { type SweepView, UserError } from '@ablate/contracts';
import { joined, ofSweep, type PlannedSweep, type SqlRows, STATEMENTS, type Study, toCsvText } from '@ablate/studies';

/** The newest sweep of each planned one, by its name in the database; null if one was never submitted. */
export async function findSweeps(
  api: Api,
  planned: readonly PlannedSweep[],
): Promise<ReadonlyMap<string, SweepView> | null> {
  const found = new Map<string, SweepView>();
  for await (const sweep of api.sweeps.list()) {
    const own = planned.find(({ name, spec }) => spec.name === sweep.name && !found.has(name));
    if (own) found.set(own.name, sweep);
    if (found.size === planned.length) return found;
  }
  return null;
}

async function select(api: Api, sql: string, sweepId: string): Promise<SqlRows> {
  const { columns, rows, truncated } = await api.sql(sql, { sweep_id: sweepId });
  if (truncated) throw new UserError(`the rows of sweep ${sweepId} exceed the limit of ${truncated}`);
  return { columns: columns.map(({ name }) => name), rows };
}

/** The files of results: runs, curves, and a table for each query of the study. */
export async function collect(
  api: Api,
  study: Pick<Study, 'queries'>,
  sweeps: ReadonlyMap<string, Pick<SweepView, 'id'>>,
): Promise<Map<string, string>> {
  const each = (sql: string): Promise<[string, SqlRows][]> =>
    Promise.all([...sweeps].map(async ([name, { id }]) => [name, await select(api, sql, id)]));
  const files = new Map<string, string>();
  for (const [name, sql] of Object.entries(STATEMENTS)) {
    const parts = await each(sql);
    files.set(`${name}.csv`, toCsvText(joined(parts.map(([sweep, rows]) => ofSweep(sweep, rows)))));
  }
  for (const { name, text } of study.queries) {
    const parts = await each(text);
    const rows = parts.map(([sweep, found]) => (sweeps.size > 1 ? ofSweep(sweep, found) : found));
    files.set(`${name}.csv`, toCsvText(joined(rows)));
  }
  return files;
}

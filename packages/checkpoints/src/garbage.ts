/** Garbage collection: checkpoints beyond the retention, and files without a row. */
import type { GarbageReport, StoredName } from '@ablate/contracts';
import {
  type Database,
  expireCheckpoints,
  expireInside,
  expireLogs,
  expirePredictions,
  knownRuns,
  namedFiles,
  type Retention,
  runningAttempts,
} from '@ablate/db';
import { type CheckpointStore, checkpointKey, type StoredFile } from './store.ts';

const OURS =
  /^([0-9a-f-]{36})\/(?:(?:best|last)-\d+-\d+|(?:predictions-[a-z]+|inside)-\d+)\.(?:safetensors|png)(?:\.partial)?$/;
/** Files that are removed concurrently. */
const CONCURRENCY = 16;
const runOf = (key: string): string | undefined => OURS.exec(key)?.[1];

const inOrder = (files: Iterable<StoredName>): StoredName[] =>
  [...files].map(({ key, bytes }) => ({ key, bytes })).sort((a, b) => (a.key < b.key ? -1 : 1));

/**
 * Removes garbage, or with `dryRun` only lists it. A file without a row is an orphan if its run is not running and it was
 * written more than `graceSeconds` ago: a running attempt writes a file before its row. Rows are deleted before files: a crash in between, or an abort, leaves orphans,
 * which the next collection removes.
 */
export async function collectGarbage(
  db: Database,
  store: CheckpointStore,
  {
    keep,
    graceSeconds,
    dryRun,
    signal,
  }: { keep: Retention; graceSeconds: number; dryRun: boolean; signal?: AbortSignal },
): Promise<GarbageReport> {
  const expired = (await expireCheckpoints(db, { keep, dryRun })).map(({ runId, file, bytes }) => ({
    key: checkpointKey(runId, file),
    bytes,
  }));
  const predictions = await expirePredictions(db, { dryRun });
  const logs = await expireLogs(db, { dryRun });
  const insides = await expireInside(db, { dryRun });
  // Files are listed before rows: a file that is written meanwhile is in neither list, or in both.
  const stored = new Map<string, StoredFile>();
  for await (const file of store.list()) {
    signal?.throwIfAborted();
    stored.set(file.key, file);
  }
  // In this order: an attempt that ends in between has written its rows. Later attempts of its run use other file names.
  const owners = [...new Set([...stored.keys()].flatMap((key) => runOf(key) ?? []))];
  const running = new Set((await runningAttempts(db, owners)).map(({ runId }) => runId));
  const named = new Map((await namedFiles(db)).map((row) => [checkpointKey(row.runId, row.file), row]));
  const runs = await knownRuns(db, owners);

  const expiring = new Set(expired.map(({ key }) => key));
  const youngest = Date.now() - graceSeconds * 1000;
  const loose = [...stored.values()].filter(({ key }) => !named.has(key) && !expiring.has(key));
  const isOurs = ({ key }: StoredFile) => runs.has(runOf(key) ?? '');
  const orphans = loose.filter(
    (file) => isOurs(file) && !running.has(runOf(file.key) ?? '') && file.modified.getTime() <= youngest,
  );
  const removed = [...expired.filter(({ key }) => stored.has(key)), ...orphans];
  for (let next = 0; !dryRun && next < removed.length; next += CONCURRENCY) {
    signal?.throwIfAborted();
    await Promise.all(removed.slice(next, next + CONCURRENCY).map(({ key }) => store.remove(key)));
  }

  const missing: StoredName[] = [];
  for (const [key, { bytes }] of named)
    if (!expiring.has(key) && stored.get(key)?.bytes !== bytes && !(await isStored(store, key, bytes)))
      missing.push({ key, bytes });
  return {
    store: store.address,
    dryRun,
    expired: inOrder(expired),
    orphans: inOrder(orphans),
    foreign: inOrder(loose.filter((file) => !isOurs(file))),
    missing: inOrder(missing),
    predictions,
    logs,
    insides,
    files: removed.length,
    bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Looks for one file, which may have been written after the store was listed. */
async function isStored(store: CheckpointStore, key: string, bytes: number): Promise<boolean> {
  for await (const file of store.list(key)) if (file.key === key && file.bytes === bytes) return true;
  return false;
}

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { GarbageReport } from '@ablate/contracts';
import { finishRun, recordCheckpoint } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { listCheckpoints, localContext } from '@ablate/sweeps';
import { checkpoint, claimedJob, RESULT } from '../db/small-sweep.ts';
import { ablate, assertDone, startApi } from './command-line.ts';

test('gc keeps pinned checkpoints, lists what it would remove with sizes, and removes it', async (t) => {
  const { db, apiUrl, checkpoints } = await startApi(t);
  const home = temporaryFolder().path;
  const env = { ABLATE_API_URL: apiUrl, ABLATE_HOME: home };
  const copy = join(home, 'cache', 'photos-0123456789abcdef');
  mkdirSync(join(home, 'cache'));
  writeFileSync(`${copy}.bin`, Buffer.alloc(3000));
  writeFileSync(`${copy}.json`, '{"name":"photos"}');
  const job = await claimedJob(db);
  const folder = join(checkpoints, job.runId);
  mkdirSync(folder);
  for (const [kind, step] of [
    ['best', 1],
    ['last', 1],
    ['last', 2],
  ] as const) {
    const file = { ...checkpoint(kind, step), file: `${kind}-1-${step}.safetensors`, bytes: 1_500_000 };
    writeFileSync(join(folder, file.file), Buffer.alloc(file.bytes));
    assert.ok(await recordCheckpoint(db, { ...job, checkpoint: file }));
  }
  const [first] = (await listCheckpoints(localContext(db), job.runId)).filter(({ current }) => !current);
  const pinned = await ablate(['pin', first?.id ?? ''], { env });
  assertDone(pinned);
  assert.match(pinned.out, /^checkpoint last at step 1 of run .*: pinned$/m);
  await finishRun(db, { ...job, result: RESULT });
  const kept = await ablate(['gc', '--dry-run', '--keep-last', '1', '--json'], { env });
  assert.deepEqual(GarbageReport.parse(JSON.parse(kept.out)).expired, []);
  const listed = await ablate(['checkpoints', job.runId], { env });
  assertDone(listed);
  assert.match(listed.out, /last, older +1 +1 .*1\.5 MB +pinned/);
  assertDone(await ablate(['unpin', first?.id ?? ''], { env }));
  const stray = join(folder, 'last-1-3.safetensors');
  writeFileSync(stray, Buffer.alloc(2000));
  const longAgo = Date.now() / 1000 - 90_000;
  utimesSync(stray, longAgo, longAgo);

  const dry = await ablate(['gc', '--dry-run', '--keep-last', '1'], { env });
  assertDone(dry);
  assert.match(dry.out, /last-1-1\.safetensors {2}1\.5 MB {2}would be removed: exceeds the number to keep/);
  assert.match(dry.out, /last-1-3\.safetensors {2}2 kB {2}would be removed: orphan/);
  assert.match(dry.out, /2 files, 1\.5 MB would be removed/);
  assert.match(dry.out, /photos-0123456789abcdef {2}3 kB {2}would be removed: packed by a version that packs/);
  assert.ok(existsSync(`${copy}.bin`));
  assert.ok(existsSync(stray) && existsSync(join(folder, 'last-1-1.safetensors')));

  const wet = await ablate(['gc', '--keep-last', '1', '--json'], { env });
  assertDone(wet);
  const { files, bytes, dryRun, packedCopies } = GarbageReport.parse(JSON.parse(wet.out));
  assert.deepEqual(packedCopies, [{ path: copy, bytes: 3000, state: 'outdated' }]);
  assert.deepEqual([existsSync(`${copy}.bin`), existsSync(`${copy}.json`)], [false, false]);
  assert.deepEqual([files, bytes, dryRun], [2, 1_502_000, false]);
  assert.deepEqual([existsSync(stray), existsSync(join(folder, 'last-1-1.safetensors'))], [false, false]);
  assert.deepEqual(
    (await listCheckpoints(localContext(db), job.runId)).map(({ kind, step }) => [kind, step]),
    [
      ['best', 1],
      ['last', 2],
    ],
  );

  const wrong = await ablate(['gc', '--keep-last', 'some'], { env });
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /--keep-last .*whole number/);
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessIdentity, REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { gone } from '@ablate/supervisor';
import { keepChild } from '../../packages/supervisor/src/keep/child.ts';

function keep(t: TestContext, env: Record<string, string>) {
  const { path, remove } = temporaryFolder();
  const lines: string[] = [];
  const child = keepChild({
    name: 'api',
    module: join(REPOSITORY, 'test/supervisor/stuck-child.ts'),
    nodeArguments: ['--import', import.meta.resolve('tsx')],
    env: () => ({ PATH: process.env.PATH, ...env }),
    cwd: REPOSITORY,
    log: join(path, 'child.log'),
    graceMs: 2_000,
    say: (line) => lines.push(line),
  });
  t.after(async () => {
    await child.stop();
    remove();
  });
  return { child, lines };
}

function identityOf({ child }: ReturnType<typeof keep>): ProcessIdentity {
  const identity = child.identity();
  assert.ok(identity);
  return identity;
}

test('a process that is stopped, or whose event loop is stuck, is killed and started again; a healthy one is not', async (t) => {
  const stopped = keep(t, {});
  const stuck = keep(t, { BLOCK: 'yes' });
  const healthy = keep(t, {});
  const before = [stopped, stuck, healthy].map(identityOf);
  await sleep(3_000); // it has sent a beat
  process.kill(identityOf(stopped).pid, 'SIGSTOP');
  for (const each of [stopped, stuck]) {
    const identity = before[each === stopped ? 0 : 1];
    assert.ok(identity && (await gone(identity, 30)), 'it was killed');
    while (each.child.identity() === null) await sleep(100);
    assert.match(
      each.lines.join('\n'),
      /api has been stuck for 10 s: killing it\napi was killed by SIGKILL; restarting/,
    );
  }
  assert.deepEqual([healthy.child.identity(), healthy.lines], [before[2], []]);
});

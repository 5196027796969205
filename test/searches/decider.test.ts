/** The thread in which searches decide keeps them open. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type HistoryEntry, Spec } from '@ablate/contracts';
import { openDecider } from '@ablate/sweeps';
import { findSpec } from '../support/searches.ts';

test('a search is opened once, and again where what it decided was not written', async (t) => {
  const spec = Spec.parse(findSpec());
  const deciders = [openDecider(), openDecider()];
  t.after(async () => {
    for (const one of deciders) await one.close();
  });
  const [kept, other] = deciders;
  assert.ok(kept && other);
  const history: HistoryEntry[] = [];
  let opened = 0;
  /** A step of a decider: what it decides, written or lost. */
  async function step(decider: typeof kept, news: HistoryEntry[], isWritten: boolean): Promise<HistoryEntry[]> {
    let decided: HistoryEntry[] = [];
    const opening = async () => {
      opened++;
      return { spec, configs: [], baseline: null, history: [...history] };
    };
    assert.equal(
      await decider!.step({ sweepId: 'one', after: history.length, news }, opening, async (entries) => {
        decided = entries.map(({ entry }) => entry);
        if (isWritten) history.push(...decided);
        return isWritten;
      }),
      isWritten,
    );
    return decided;
  }
  const result = (run: number): HistoryEntry => ({ result: { run, value: 0.3 + 0.01 * run } });

  await step(kept, [], true);
  await step(kept, [result(0)], true);
  await step(kept, [result(1)], true);
  assert.equal(opened, 1, 'later steps need no history');
  const lost = await step(kept, [result(2)], false);
  assert.deepEqual(await step(kept, [result(2)], true), lost);
  assert.equal(opened, 2, 'after a step that was not written');
  await step(other, [result(3)], true);
  assert.equal(opened, 3, 'by another process');
  const late = await step(kept, [result(4)], true);
  assert.equal(opened, 4, 'since another process wrote meanwhile');
  assert.ok(late.length > 0);

  // What was lost and what another process wrote instead have as many entries.
  let run = 5;
  for (; (await step(other, [result(run)], false)).length !== 2; run++) await step(kept, [result(run)], true);
  assert.equal((await step(kept, [{ limit: 'wallClock' }], false)).length, 2);
  await step(other, [result(run)], true);
  const next = await step(other, [result(run + 1)], false);
  assert.deepEqual(await step(kept, [result(run + 1)], true), next);
});

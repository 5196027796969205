/** The thread in which searches decide keeps them open. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { type Ask, type HistoryEntry, Spec } from '@ablate/contracts';
import { openDecider } from '@ablate/sweeps';
import { askSpec, findSpec } from '../support/searches.ts';

const deciders = [openDecider(), openDecider()] as const;
after(async () => {
  for (const one of deciders) await one.close();
});

/** A history in which deciders of several processes write. `opened`: how often a search was opened; `read`: entries that were read for searches that were open. */
function shared(sweepId: string, written: unknown) {
  const spec = Spec.parse(written);
  const history: HistoryEntry[] = [];
  const inputs: (string | null)[] = [];
  const count = { opened: 0, read: 0 };
  type Options = { isWritten?: boolean; ask?: Ask };
  /** A step of a decider: what it decides, written or lost. */
  const step = (
    decider: ReturnType<typeof openDecider>,
    news: HistoryEntry[],
    { isWritten = true, ask }: Options = {},
  ) =>
    decider.inTurn(sweepId, async (take) => {
      let decided: HistoryEntry[] = [];
      const source = {
        opening: async () => {
          count.opened++;
          return { spec, configs: [], baseline: null };
        },
        entries: async (from: number) => {
          if (from > 0) count.read += history.length - from;
          return history.slice(from);
        },
      };
      await take({ after: history.length, news, ...(ask && { ask }) }, source, async (entries) => {
        decided = entries.map(({ entry }) => entry);
        if (isWritten) history.push(...decided);
        if (isWritten) inputs.push(...entries.map((one) => one.inputs));
        return isWritten;
      });
      return decided;
    });
  return { history, inputs, count, step };
}
const result = (run: number): HistoryEntry => ({ result: { run, value: 0.3 + 0.01 * run } });

test('a search is opened once, reads what other processes write, and is opened again where what it decided was not written', async () => {
  const [kept, other] = deciders;
  // A third goes on: most results ask for a config and its run, some send a config on.
  const spec = findSpec();
  const { count, step } = shared('find', { ...spec, search: { ...spec.search, samples: 12, eta: 3 } });

  await step(kept, []);
  await step(kept, [result(0)]);
  await step(kept, [result(1)]);
  assert.deepEqual(count, { opened: 1, read: 0 }, 'later steps need no history');
  const lost = await step(kept, [result(2)], { isWritten: false });
  assert.deepEqual(await step(kept, [result(2)]), lost);
  assert.equal(count.opened, 2, 'after a step that was not written');
  const theirs = await step(other, [result(3)]);
  assert.equal(count.opened, 3, 'by another process');
  assert.ok((await step(kept, [result(4)])).length > 0);
  assert.deepEqual(count, { opened: 3, read: theirs.length }, 'what another process wrote is read alone');

  // What was lost and what another process wrote instead have as many entries.
  let run = 5;
  for (; (await step(other, [result(run)], { isWritten: false })).length !== 2; run++) await step(kept, [result(run)]);
  assert.equal((await step(kept, [{ limit: 'wallClock' }], { isWritten: false })).length, 2);
  await step(other, [result(run)]);
  const next = await step(other, [result(run + 1)], { isWritten: false });
  assert.deepEqual(await step(kept, [result(run + 1)]), next);
});

test('the log of two processes that ask in turn is that of one, and no ask opens its search again', async () => {
  const tell = (config: number): HistoryEntry => ({ tell: { config, value: Math.sin(config) } });
  const logs: unknown[] = [];
  for (const turns of [1, 2]) {
    const { history, inputs, count, step } = shared(`driven by ${turns}`, askSpec({ samples: 24 }));
    for (let trial = 0; trial < 24; trial++) {
      await step(deciders[trial % turns === 0 ? 0 : 1], trial > 0 ? [tell(trial - 1)] : [], { ask: { train: false } });
    }
    assert.deepEqual(await step(deciders[0], [], { ask: { train: false } }), [], 'all samples are asked for');
    assert.deepEqual(await step(deciders[0], [], { ask: { train: false } }), []);
    await step(deciders[0], [tell(23)]);
    assert.equal(count.opened, turns);
    logs.push({ history, inputs });
  }
  assert.deepEqual(logs[1], logs[0]);
});

test('work on one search is done in turn, however it ends, and too much of it is refused', async () => {
  const [decider] = deciders;
  const order: number[] = [];
  let release = () => {};
  const first = decider.inTurn('one', () => new Promise<void>((done) => (release = done)));
  const works = Array.from({ length: 64 }, (_, i) =>
    decider.inTurn('one', async () => {
      order.push(i);
      if (i === 3) throw new Error('failed');
    }),
  );
  const settled = Promise.allSettled(works);
  await assert.rejects(
    decider.inTurn('one', async () => {}),
    /many callers drive this sweep/,
  );
  await decider.inTurn('other', async () => {});
  assert.deepEqual(order, []);
  release();
  await first;
  const failed = (await settled).flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
  assert.deepEqual([order.length, order.every((one, i) => one === i), failed], [64, true, [3]]);
  await decider.inTurn('one', async () => {});
});

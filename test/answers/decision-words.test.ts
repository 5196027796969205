import assert from 'node:assert/strict';
import test from 'node:test';
import { decisionWords } from '@ablate/answers';
import type { Decision } from '@ablate/contracts';

test('a row of the log says why a config stops, what is kept on the front, and what goes on from what', () => {
  const none = { against: null, evidence: null, needed: null };
  const row = { config: 4, seeds: 3, mean: 0.71, verdict: 'undecided', difference: null, half: null } as const;
  const decisions: Decision[] = [
    { kind: 'stop', config: 3, why: 'median', seeds: 1, difference: -0.0213, ...none },
    { kind: 'confirm', configs: [4, 2], seeds: [5, 6, 7], kept: 'front' },
    { kind: 'finish', why: 'confirmed', exhausted: false, winner: 4, rows: [row], front: [2, 4] },
    {
      kind: 'config',
      config: 4,
      axes: { augment: 'basic' },
      hash: '',
      raw: [1],
      by: 'pbt',
      fork: { config: 1, epochs: 6 },
    },
    { kind: 'train', run: 9, config: 4, seed: 1, rung: 2, epochs: 9, fork: { run: 1, epochs: 6 } },
    { kind: 'finish', why: 'confirmed', exhausted: false, winner: 4, expected: 0.695, rows: [row] },
    { kind: 'ranks', rung: 0, configs: 12, tau: 0.61, pairs: 50, share: 0.4, skipped: false },
    { kind: 'ranks', rung: 0, configs: 12, tau: 0.2, pairs: 50, share: 1, skipped: true },
    {
      ...{ kind: 'finish', why: 'confirmed', exhausted: false, winner: 4, rows: [row] },
      schedule: [
        { config: 0, epochs: 0 },
        { config: 1, epochs: 3 },
        { config: 4, epochs: 6 },
      ],
    },
  ];
  assert.deepEqual(
    decisions.map((decision) => decisionWords({ decision }, 'accuracy')),
    [
      'Config 3 stops: its best result so far is −2.13 points from the median of the others at that point.',
      'The Pareto front is kept. Configs 4 and 2 are trained on fresh seeds: 5, 6 and 7.',
      'Finished, the winner is confirmed on fresh seeds: config 4 wins with 71.00 % on 3 seeds. Kept, on the front: configs 2 and 4.',
      'Config 4, by pbt, goes on from config 1 after epoch 6: augment basic.',
      'Run 9: config 4, seed 1, from run 1 after epoch 6, until epoch 9.',
      'Finished, the winner is confirmed on fresh seeds: config 4 wins with 69.50 % on 3 seeds.',
      '12 configs at rungs 0 and 1: Kendall’s tau 0.61; the best 40 % go on.',
      '12 configs at rungs 0 and 1: Kendall’s tau 0.20; all go on.',
      'Finished, the winner is confirmed on fresh seeds: config 4 wins with 71.00 % on 3 seeds. It is the end of a schedule: config 0 until epoch 3, 1 until epoch 6, then 4.',
    ],
  );
});

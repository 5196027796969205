import assert from 'node:assert/strict';
import test from 'node:test';
import { decisionWords } from '@ablate/answers';
import type { Decision } from '@ablate/contracts';

test('a row of the log says why a config stops, and what is kept on the front', () => {
  const none = { against: null, evidence: null, needed: null };
  const row = { config: 4, seeds: 3, mean: 0.71, verdict: 'undecided', difference: null, half: null } as const;
  const decisions: Decision[] = [
    { kind: 'stop', config: 3, why: 'median', seeds: 1, difference: -0.0213, ...none },
    { kind: 'confirm', configs: [4, 2], seeds: [5, 6, 7], kept: 'front' },
    { kind: 'finish', why: 'confirmed', exhausted: false, winner: 4, rows: [row], front: [2, 4] },
  ];
  assert.deepEqual(
    decisions.map((decision) => decisionWords({ decision }, 'accuracy')),
    [
      'Config 3 stops: its best result so far is −2.13 points from the median of the others at that point.',
      'The Pareto front is kept. Configs 4 and 2 are trained on fresh seeds: 5, 6 and 7.',
      'Finished, the winner is confirmed on fresh seeds: config 4 wins with 71.00 % on 3 seeds. Kept, on the front: configs 2 and 4.',
    ],
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { buildAnswer, NO_COST } from '@ablate/answers';
import { Answer } from '@ablate/contracts';
import { type Situation, situation } from './situations.ts';

const p = (v: unknown) => ({ 'model.patchSize': v });
const po = (v: unknown, o: string) => ({ 'model.patchSize': v, 'model.ordering': o });
const acc = (m: number, ...d: number[]) => d.map((x) => Math.round(1e4 * (m + x / 100)) / 1e4);

const SITUATIONS: Record<string, Situation> = {
  'one config': { configs: [[{}, [0.5, 0.52, 0.54]]] },
  'one config and one seed': { configs: [[{}, [0.5]]] },
  'nothing finished': {
    configs: [
      [p(4), [null]],
      [p(8), [null]],
    ],
    counts: { failed: 0, queued: 2 },
  },
  'all failed': {
    configs: [
      [p(4), [null, null]],
      [p(8), [null, null]],
    ],
    failures: [
      { state: 'failed', cause: 'diverged', runs: 3, message: null },
      { state: 'failed', cause: 'out_of_memory', runs: 1, message: null },
    ],
  },
  cancelled: {
    configs: [
      [p(4), [0.5, null]],
      [p(8), [0.6, null]],
    ],
    counts: { failed: 0, cancelled: 2 },
    failures: [{ state: 'cancelled', cause: null, runs: 2, message: null }],
  },
  'one seed': {
    configs: [
      [p(8), [0.5]],
      [p(4), [0.61]],
      [p(2), [0.55]],
    ],
    cost: { ...NO_COST, usefulSeconds: 300, lostSeconds: 0, medianSeconds: 100 },
  },
  'one seed, baseline best': {
    configs: [
      [p(8), [0.61]],
      [p(4), [0.5]],
    ],
  },
  provisional: {
    configs: [
      [p(8), acc(0.5, 0, 1, 2)],
      [p(4), acc(0.6, 0, 1.3, 2.1)],
    ],
    counts: { queued: 2, running: 1 },
    spec: { seeds: [1, 2, 3, 4] },
  },
  'sd 0': {
    configs: [
      [p(8), [0.5, 0.5]],
      [p(4), [0.5, 0.5]],
    ],
  },
  'sd 0 and a difference': {
    configs: [
      [p(8), [0.5, 0.5]],
      [p(4), [0.6, 0.6]],
    ],
  },
  'missing pairs': {
    configs: [
      [p(8), [0.5, 0.51, 0.53, 0.52, null]],
      [p(4), [null, null, 0.55, 0.536, 0.56]],
      [p(2), [0.52, 0.541, 0.54, 0.525, 0.55]],
    ],
    failures: [{ state: 'failed', cause: 'lost', runs: 3, message: null }],
  },
  'no common seed': {
    failures: [{ state: 'failed', cause: 'user_error', runs: 2, message: null }],
    configs: [
      [p(8), [0.5, null]],
      [p(4), [null, 0.55]],
      [p(2), [0.52, 0.541]],
    ],
  },
  'diverged config': {
    configs: [
      [p(8), acc(0.5, 0.1, 0.5, -0.2, 0.3)],
      [p(4), acc(0.55, 0.2, 0.4, -0.3, 0.2)],
      [p(2), [0.56, 0.1, 0.555, 0.558]],
      [p(16), acc(0.45, 0, 0.3, -0.1, 0.4)],
    ],
  },
  ties: {
    configs: [
      [p(8), [0.5, 0.52, 0.51]],
      [p(4), [0.5, 0.52, 0.51]],
      [p(2), [0.52, 0.5, 0.51]],
    ],
  },
  '13 configs': {
    configs: Array.from({ length: 13 }, (_, i) => [
      { 'train.optimizer.learningRate': 0.001 * (i + 1) },
      [0, 1, 2].map(
        (s) =>
          Math.round(
            1e4 * (0.5 + (i === 5 ? 0.06 : i === 9 ? -0.08 : 0) + 0.01 * s + 0.004 * Math.sin(7 * i + 3 * s)),
          ) / 1e4,
      ),
    ]),
    cost: { ...NO_COST, usefulSeconds: 39 * 60, lostSeconds: 200, medianSeconds: 60 },
  },
  'random search': {
    configs: Array.from({ length: 60 }, (_, i) => [
      { 'train.optimizer.learningRate': 10 ** (-4 + (3 * ((i * 37) % 60)) / 60), 'model.depth': 1 + (i % 4) },
      [0, 1].map(
        (s) =>
          0.5 -
          0.02 * (Math.log10(10 ** (-4 + (3 * ((i * 37) % 60)) / 60)) + 2.5) ** 2 +
          0.003 * Math.sin(5 * i + 11 * s),
      ),
    ]),
    spec: {
      search: { method: 'random', samples: 60 },
      space: { 'train.optimizer.learningRate': { min: 0.0001, max: 0.1, scale: 'log' }, 'model.depth': [1, 2, 3, 4] },
    },
  },
  'random search that misses the baseline': {
    configs: [
      [p(8), [0.5, 0.51]],
      [p(4), [0.52, 0.53]],
    ],
    spec: {
      search: { method: 'random', samples: 2 },
      space: { 'model.patchSize': [2, 4, 8, 16] },
      baseline: { 'model.patchSize': 16 },
    },
  },
  'a search that dropped its first config': {
    configs: [
      [p(8), []],
      [p(4), [0.5, 0.51]],
      [p(2), [0.52, 0.53, 0.54]],
      [p(16), [0.5, 0.505, 0.52]],
    ],
    spec: {
      search: { method: 'find', samples: 4 },
      space: { 'model.patchSize': [2, 4, 8, 16] },
    },
  },
  'best beyond noise': {
    configs: [
      [p(8), acc(0.5, 0.1, 0.3, 0.2)],
      [p(4), acc(0.6, 0.2, 0.3, 0.1)],
      [p(2), acc(0.55, 0.1, 0.4, 0.2)],
    ],
  },
  'baseline best': {
    configs: [
      [p(8), acc(0.6, 0.1, 0.3, 0.2)],
      [p(4), acc(0.5, 0.2, 0.3, 0.1)],
      [p(2), acc(0.55, 0.1, 0.4, 0.2)],
      [p(16), acc(0.45, 0.1, 0.4, 0.25)],
    ],
  },
  'implausible spread': {
    configs: [
      [p(8), [0.5031, 0.5081]],
      [p(4), [0.5059, 0.5109]],
      [p(2), [0.5049, 0.5047]],
    ],
    disagreements: { 1: { discordant: 2500, images: 10000 } },
  },
  'hostile names': {
    configs: [
      [{ 'model.preset': '<img src=x onerror=alert(1)>' }, [0.5, 0.51]],
      [{ 'model.preset': '\u001b[31mred\u202Eevil\u0007' }, [0.6, 0.62]],
      [{ 'model.preset': 'x'.repeat(200) }, [0.6, 0.61]],
    ],
  },
  interaction: {
    configs: [
      [po(8, 'preNorm'), acc(0.5, 0.1, 0.3, 0.2)],
      [po(8, 'parallel'), acc(0.52, 0.2, 0.3, 0.1)],
      [po(4, 'preNorm'), acc(0.6, 0.1, 0.4, 0.2)],
      [po(4, 'parallel'), acc(0.55, 0.15, 0.3, 0.3)],
    ],
    spec: {},
  },
  'main effects': {
    configs: [
      [po(8, 'preNorm'), acc(0.5, 0.1, 0.9, 0.2)],
      [po(8, 'parallel'), acc(0.502, 0.2, 0.3, 0.6)],
      [po(4, 'preNorm'), acc(0.55, 0.1, 0.4, 0.9)],
      [po(4, 'parallel'), acc(0.551, 0.15, 0.8, 0.3)],
      [po(2, 'preNorm'), acc(0.551, 0.4, 0.4, 0.8)],
      [po(2, 'parallel'), acc(0.5515, 0.55, 0.8, 0.3)],
    ],
  },
  equivalent: {
    configs: [
      [p(8), acc(0.5, 0, 1, 2, 3, 4)],
      [p(4), acc(0.5, 0.05, 1, 2.03, 3, 3.98)],
    ],
  },
  loss: {
    configs: [
      [p(8), [1.5, 1.52, 1.51]],
      [p(4), [1.2, 1.23, 1.2]],
      [p(2), [1.9, 1.92, 1.93]],
    ],
    metric: 'loss',
    split: 'validation',
  },
  'baseline without a result': {
    configs: [
      [p(8), [null, null]],
      [p(4), [0.5, 0.52]],
    ],
    failures: [{ state: 'failed', cause: 'diverged', runs: 2, message: 'NaN' }],
  },
  'two configs, noise': {
    configs: [
      [p(8), [0.5, 0.53, 0.51]],
      [p(4), [0.52, 0.51, 0.54]],
    ],
    cost: { ...NO_COST, usefulSeconds: 20000, prunedSeconds: 7200, lostSeconds: 4000, medianSeconds: 3000 },
  },
  'noise nothing can resolve': {
    configs: [
      [p(8), [0.3, 0.6, 0.51]],
      [p(4), [0.52, 0.21, 0.64]],
    ],
  },
};

const EXPECTED: Record<string, string[]> = {
  'one config': [
    'One config, 3 seeds: add an axis to `space` to compare.',
    'Test accuracy: 52.00 ± 2.00 % (mean ± sd of 3 seeds).',
  ],
  'one config and one seed': [
    'One config, 1 seed: add an axis to `space` to compare.',
    'Test accuracy: 50.00 %; one seed: no estimate of noise.',
  ],
  'nothing finished': ['Provisional: 0 of 2 runs finished.', 'Varied: patch size (4, 8). 2 configs, 1 seed.'],
  'all failed': ['Varied: patch size (4, 8). 2 configs, 2 seeds.', 'No run succeeded: 3 diverged, 1 out of memory.'],
  cancelled: [
    'Varied: patch size (4, 8). 2 configs, 2 seeds.',
    'Patch size 8 has the highest test accuracy (60.00 %), +10.00 points against the baseline (patch size 4); one seed: no estimate of noise.',
    '2 of 4 runs without a result: 2 cancelled.',
    'To decide: 3 seeds or more per config (4 more runs).',
  ],
  'one seed': [
    'Varied: patch size (8, 4, 2). 3 configs, 1 seed.',
    'Patch size 4 has the highest test accuracy (61.00 %), +11.00 points against the baseline (patch size 8); one seed: no estimate of noise.',
    'Device time: 5 min; median run 2 min.',
    'To decide: 3 seeds or more per config (6 more runs, about 10 min of device time).',
  ],
  'one seed, baseline best': [
    'Varied: patch size (8, 4). 2 configs, 1 seed.',
    'Patch size 8 has the highest test accuracy (61.00 %) and is the baseline; one seed: no estimate of noise.',
    'To decide: 3 seeds or more per config (4 more runs).',
  ],
  provisional: [
    'Provisional: 6 of 9 runs finished.',
    'Varied: patch size (8, 4). 2 configs, 9 runs.',
    'Patch size 4 is better than the baseline (patch size 8) by 10.13 ± 0.38 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'sd 0': [
    'Varied: patch size (8, 4). 2 configs, 2 seeds.',
    'Patch size 8 has the highest test accuracy (50.00 %) and is the baseline; the differences have no spread: no estimate of noise.',
  ],
  'sd 0 and a difference': [
    'Varied: patch size (8, 4). 2 configs, 2 seeds.',
    'Patch size 4 has the highest test accuracy (60.00 %), +10.00 points against the baseline (patch size 8); the differences have no spread: no estimate of noise.',
  ],
  'missing pairs': [
    'Varied: patch size (8, 4, 2). 3 configs, 5 seeds.',
    'None of 2 other configs can be told from the baseline (patch size 8); the largest difference is +2.34 ± 1.41 points (patch size 4; within noise by its own seeds).',
    'Best mean: patch size 4 (54.87 %); 2 configs cannot be told from it.',
    '3 of 15 runs without a result: 3 lost.',
    'To decide the rest: 28 more seeds per config (87 runs) would show 0.50 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'no common seed': [
    'Varied: patch size (8, 4, 2). 3 configs, 2 seeds.',
    'Patch size 4 has the highest test accuracy (55.00 %) and has no seed in common with the baseline; fewer than two common seeds: no estimate of noise.',
    '1 config has no seed in common with the baseline yet.',
    '2 of 6 runs without a result: 2 error in the spec or the data.',
  ],
  'diverged config': [
    'Varied: patch size (8, 4, 2, 16). 4 configs, 4 seeds.',
    'Patch size 4 is better than the baseline (patch size 8) by 4.95 ± 0.19 points.',
    'Patch size 16 is worse than the baseline (patch size 8) by 5.03 ± 0.19 points.',
    'Patch size 2 cannot be told from the baseline (patch size 8) (−5.85 ± 36.76 points).',
    'The seeds of patch size 2 differ far more than those of the others: judged by their own spread only.',
    'Best mean: patch size 4 (55.13 %); 1 config cannot be told from it.',
    'To decide the rest: 166 more seeds per config (664 runs) would show 5.85 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  ties: [
    'Varied: patch size (8, 4, 2). 3 configs, 3 seeds.',
    'None of 2 other configs can be told from the baseline (patch size 8); the largest difference is +0.00 ± 2.62 points (patch size 4).',
    'Best mean: patch size 8, the baseline (51.00 %); 2 configs cannot be told from it.',
    'To decide the rest: 107 more seeds per config (321 runs) would show 0.50 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  '13 configs': [
    'Varied: learning rate (0.001 to 0.013). 13 configs, 3 seeds.',
    'Learning rate 0.006 is better than the baseline (learning rate 0.001) by 5.98 ± 0.56 points.',
    'Learning rate 0.01 is worse than the baseline (learning rate 0.001) by 7.98 ± 0.56 points.',
    '10 of 12 other configs cannot be told from the baseline (learning rate 0.001); the largest difference is +0.15 ± 0.56 points (learning rate 0.003).',
    'Best by more than noise: learning rate 0.006 (56.96 %).',
    'Device time: 39 min, and 3 min lost to interrupted attempts; median run 60 s.',
    'To decide the rest: 10 more seeds per config (130 runs, about 2.2 h of device time) would show 0.50 points; 137 more seeds per config (1,781 runs, about 30 h of device time) would show 0.15 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'random search': [
    'Drawn at random: learning rate (0.0001 to 0.0891) × depth (1, 2, 3, 4). 60 configs, 2 seeds.',
    '40 of 59 other configs are better than the baseline (learning rate 0.0001, depth 1), most of all learning rate 0.002818, depth 2 by 4.77 ± 0.43 points.',
    '19 of 59 other configs cannot be told from the baseline (learning rate 0.0001, depth 1); the largest difference is +4.36 ± 0.43 points (learning rate 0.001259, depth 3; within noise by its own seeds).',
    'Best mean: learning rate 0.002818, depth 2 (50.12 %); 38 configs cannot be told from it.',
    'The best of 60 equal configs leads their mean by about 0.35 points by luck.',
    'Exploration, not a test: what the best 6 of 60 configs share most is learning rate (99 %) and depth (1 %).',
    'To decide the rest: 5 more seeds per config (300 runs) would show 0.50 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'random search that misses the baseline': [
    'Drawn at random: patch size (8, 4). 2 configs, 2 seeds.',
    'No config has the values of the baseline: the first config stands in for it.',
    'Patch size 4 has the highest test accuracy (52.50 %), +2.00 points against the baseline (patch size 8); the differences have no spread: no estimate of noise.',
  ],
  'a search that dropped its first config': [
    'Searched: patch size (8, 4, 2, 16). 4 configs, 2 seeds.',
    'No baseline is named, and the first config has no result: patch size 2, which has the most seeds, is the baseline.',
    'No config is better than the baseline (patch size 2) by more than noise.',
    'Patch size 16 is worse than the baseline (patch size 2) by 2.17 ± 0.48 points.',
    'Patch size 4 is worse than the baseline (patch size 2) by 1.96 ± 0.57 points.',
    '1 config has no seed in common with the baseline yet.',
    'Best by more than noise: patch size 2, the baseline (53.00 %).',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'best beyond noise': [
    'Varied: patch size (8, 4, 2). 3 configs, 3 seeds.',
    'Patch size 4 is better than the baseline (patch size 8) by 10.00 ± 0.15 points.',
    'Patch size 2 is better than the baseline (patch size 8) by 5.03 ± 0.15 points.',
    'Best by more than noise: patch size 4 (60.20 %).',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'baseline best': [
    'Varied: patch size (8, 4, 2, 16). 4 configs, 3 seeds.',
    'No config is better than the baseline (patch size 8) by more than noise.',
    'All 3 other configs are worse than the baseline (patch size 8), most of all patch size 16 by 14.95 ± 0.13 points.',
    'Best by more than noise: patch size 8, the baseline (60.20 %).',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'implausible spread': [
    'Varied: patch size (8, 4, 2). 3 configs, 2 seeds.',
    'None of 2 other configs can be told from the baseline (patch size 8); the largest difference is +0.28 ± 0.91 points (patch size 4).',
    'Best mean: patch size 4 (50.84 %); 2 configs cannot be told from it.',
    'The seeds of patch size 4 agree better than the size of the test set allows: the interval may be too narrow.',
    'To decide the rest: 4 more seeds per config (12 runs) would show 0.50 points; 11 more seeds per config (33 runs) would show 0.28 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'hostile names': [
    'Varied: preset (<img src=x onerror=alert(1)>, �[31mred�evil�, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…). 3 configs, 2 seeds.',
    'Preset �[31mred�evil� is better than the baseline (preset <img src=x onerror=alert(1)>) by 10.50 ± 1.76 points.',
    'Preset xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is better than the baseline (preset <img src=x onerror=alert(1)>) by 10.00 ± 1.76 points.',
    'Best mean: preset �[31mred�evil� (61.00 %); 1 config cannot be told from it.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  interaction: [
    'Varied: patch size (8, 4) × ordering (preNorm, parallel). 4 configs, 3 seeds.',
    'Patch size depends on ordering: 4 against 8 is +10.03 points at ordering preNorm and +3.05 points at ordering parallel.',
    'Ordering depends on patch size: parallel against preNorm is +2.00 points at patch size 8 and −4.98 points at patch size 4.',
    'All 3 other configs are better than the baseline (patch size 8, ordering preNorm), most of all patch size 4, ordering preNorm by 10.03 ± 0.14 points.',
    'Best by more than noise: patch size 4, ordering preNorm (60.23 %).',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'main effects': [
    'Varied: patch size (8, 4, 2) × ordering (preNorm, parallel). 6 configs, 3 seeds.',
    'Patch size, against 8: 4 is better by 5.01 ± 0.38 points and 2 is better by 5.18 ± 0.38 points.',
    'Ordering: parallel is the same as preNorm within 0.50 points.',
    '4 of 5 other configs are better than the baseline (patch size 8, ordering preNorm), most of all patch size 2, ordering parallel by 5.30 ± 0.53 points.',
    'Patch size 8, ordering parallel cannot be told from the baseline (patch size 8, ordering preNorm) (+0.17 ± 0.53 points).',
    'Best mean: patch size 2, ordering parallel (55.70 %); 3 configs cannot be told from it.',
    'The best of 6 equal configs leads their mean by about 0.21 points by luck.',
    'To decide the rest: 6 more seeds per config (36 runs) would show 0.50 points; 70 more seeds per config (420 runs) would show 0.17 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  equivalent: [
    'Varied: patch size (8, 4). 2 configs, 5 seeds.',
    'Patch size 4 is the same as the baseline (patch size 8) within 0.50 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  loss: [
    'Varied: patch size (8, 4, 2). 3 configs, 3 seeds.',
    'Patch size 4 is better than the baseline (patch size 8) by 0.30 ± 0.024.',
    'Patch size 2 is worse than the baseline (patch size 8) by 0.41 ± 0.024.',
    'Best by more than noise: patch size 4 (1.210).',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'baseline without a result': [
    'Varied: patch size (8, 4). 2 configs, 2 seeds.',
    'The baseline (patch size 8) has no result, so nothing is compared; the highest test accuracy is 51.00 % (patch size 4).',
    '2 of 4 runs without a result: 2 diverged.',
  ],
  'two configs, noise': [
    'Varied: patch size (8, 4). 2 configs, 3 seeds.',
    'Patch size 4 cannot be told from the baseline (patch size 8) (+1.00 ± 6.57 points).',
    'Device time: 5.6 h, 2.0 h of it for runs that were pruned, and 67 min lost to interrupted attempts; median run 50 min.',
    'To decide the rest: 54 more seeds per config (108 runs, about 90 h of device time) would show 1.00 points; 227 more seeds per config (454 runs, about 378 h of device time) would show 0.50 points.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
  'noise nothing can resolve': [
    'Varied: patch size (8, 4). 2 configs, 3 seeds.',
    'Patch size 4 cannot be told from the baseline (patch size 8) (−1.33 ± 81.80 points).',
    'To decide the rest: more seeds; these show 107.48 points or more.',
    'Intervals are over initialisation, order and augmentation; one split.',
  ],
};

/** Patch size 4 is better by this many points on average; the others hardly differ, but 32 is better by three. */
const undecided = (points: number): Situation => ({
  configs: [
    [p(8), acc(0.5, 0, 1.5, 0.6)],
    [p(4), acc(0.5 + points / 100, 0.2, 1.3, 1)],
    [p(2), acc(0.5, 0.3, 0.6, 1.2)],
    [p(16), acc(0.5, 0.6, 0.3, 0.9)],
    [p(32), acc(0.53, 0.6, 1.2, 0.9)],
  ],
});

test('an interval that excludes 0 without a verdict says what decides: the correction, or another spread', () => {
  const line = (points: number) => buildAnswer(situation(undecided(points))).headline[2] ?? '';
  assert.match(line(0.7), /\+0\.83 ± 0\.76 points \(patch size 4; within noise once corrected for 4 comparisons\)/);
  assert.match(line(0.9), /\+1\.03 ± 0\.76 points \(patch size 4; within noise by both spreads\)/);
  assert.match(line(1.2), /better .* by 1\.33 ± 0\.76 points/);
});

test('the verdict in one line begins with the largest difference beyond noise', () => {
  const { headline, verdict } = buildAnswer(
    situation({
      configs: [
        [po(8, 'preNorm'), acc(0.5, 0.1, 0.9, 0.2)],
        [po(8, 'parallel'), acc(0.502, 0.2, 0.3, 0.6)],
        [po(4, 'preNorm'), acc(0.55, 0.1, 0.4, 0.9)],
        [po(4, 'parallel'), acc(0.551, 0.15, 0.8, 0.3)],
        [{ model: { preset: 'resnet20' } }, acc(0.7, 0.1, 0.5, 0.3)],
      ],
    }),
  );
  assert.match(headline[1] ?? '', /^Patch size/);
  assert.match(headline[3] ?? '', /^resnet20/, 'what the effects do not tell comes after them');
  assert.match(verdict ?? '', /^resnet20 is better .* by 19\.\d+ ± [\d.]+ points\. Patch size 4/);
});

test('the values of a population are those with which its members ended', () => {
  const { headline } = buildAnswer(
    situation({
      configs: [
        [p(8), [0.5]],
        [p(4), [0.6]],
      ],
      spec: { search: { method: 'pbt', population: 2 } },
    }),
  );
  const at = headline.findIndex((line) => /a config that went on from another is named by its last values/.test(line));
  assert.ok(at > 1, 'after the results');
});

for (const [name, given] of Object.entries(SITUATIONS))
  test(`headline: ${name}`, () => {
    const answer = Answer.parse(JSON.parse(JSON.stringify(buildAnswer(situation(given)))));
    assert.deepEqual(answer.headline, EXPECTED[name]);
    for (const line of answer.headline) {
      assert.doesNotMatch(line, /no difference/i);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]|NaN|null|undefined|Infinity/u);
      assert.ok(line.length < 600, line);
    }
  });

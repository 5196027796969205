import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSlots } from '../../apps/worker/src/slots.ts';

const GIB = 2 ** 30;
const wanted = { slots: 'auto', threads: 0, window: undefined, trainerBytes: 3 * GIB } as const;
const machine = { cores: 8, memoryBytes: 64 * GIB, gpus: 0 };
const chosen = (change: Partial<Parameters<typeof chooseSlots>[0]>, on: Partial<typeof machine> = {}) => {
  const { slots, threads } = chooseSlots({ ...wanted, ...change }, { ...machine, ...on });
  return [slots, threads];
};

test('auto: a slot for each core as far as memory allows, each with threads for all cores', () => {
  assert.deepEqual(chosen({}), [8, 0]);
  assert.deepEqual(chosen({}, { memoryBytes: 16 * GIB }), [4, 0], '0.8 × 16 GiB hold four trainers');
  assert.deepEqual(chosen({}, { memoryBytes: GIB }), [1, 0]);
  assert.deepEqual(chosen({ trainerBytes: 20 * GIB }), [2, 0]);
});

test('auto: ABLATE_THREADS is the worker’s share of cores and memory', () => {
  assert.deepEqual(chosen({ threads: 4 }), [4, 4]);
  assert.deepEqual(chosen({ threads: 4 }, { memoryBytes: 16 * GIB }), [2, 4]);
  assert.deepEqual(chosen({ threads: 16 }), [8, 16]);
});

test('auto: a slot for each GPU, which divide the cores', () => {
  assert.deepEqual(chosen({}, { gpus: 2 }), [2, 4]);
  assert.deepEqual(chosen({}, { gpus: 1 }), [1, 0]);
});

test('a number of slots divides the cores unless ABLATE_THREADS is set', () => {
  assert.deepEqual(chosen({ slots: 1 }), [1, 0]);
  assert.deepEqual(chosen({ slots: 3 }, { memoryBytes: GIB }), [3, 3]);
  assert.deepEqual(chosen({ slots: 2, threads: 7 }), [2, 7]);
});

test('twice as many runs wait as there are slots, unless ABLATE_WINDOW is set', () => {
  assert.equal(chooseSlots(wanted, machine).window, 16);
  assert.equal(chooseSlots({ ...wanted, slots: 1 }, machine).window, 4);
  assert.equal(chooseSlots({ ...wanted, window: 9 }, machine).window, 9);
});

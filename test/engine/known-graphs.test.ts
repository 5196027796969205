import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';

process.env.ABLATE_HOME = temporaryFolder().path;
const { openProgram, tf } = await import('@ablate/engine');

/** Run a named program that adds `by`, in a new program; returns how often its function was called, and whether it is compiled. */
function runAdding(shared: string, by: () => number): [calls: number, compiled: boolean] {
  let calls = 0;
  const w = tf.variable(tf.scalar(1));
  const program = openProgram({
    variables: new Map([['w', w]]),
    precision: 'fp32',
    shared,
    functions: {
      add: () => {
        calls++;
        return { sum: tf.add(w, by()) };
      },
    },
  });
  program.run('add', {});
  const { compiled } = program;
  program.dispose();
  w.dispose();
  // Another program in between: the graphs of the first are closed.
  openProgram({ variables: new Map(), precision: 'fp32', functions: {} }).dispose();
  return [calls, compiled];
}

test('a step is recorded once if it was recorded before, and twice if it has changed', () => {
  assert.deepEqual(
    runAdding('adding', () => 1),
    [2, true],
  );
  assert.deepEqual(
    runAdding('adding', () => 1),
    [1, true],
  );
  assert.deepEqual(
    runAdding('adding', () => 2),
    [2, true],
  );
  assert.deepEqual(
    runAdding('another', () => 2),
    [2, true],
  );
});

test('a step that counts in JavaScript is found out, however often it is recorded', () => {
  for (let time = 0; time < 2; time++) {
    let count = 0;
    // Recorded twice, then run op by op.
    assert.deepEqual(
      runAdding('counting', () => count++),
      [3, false],
    );
  }
});

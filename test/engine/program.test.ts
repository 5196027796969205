/** Behaviour of programs other than numerical results. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InputValue, nativeCounts, openProgram, type StepFunction, tf } from '@ablate/engine';
import { openLearner } from './learner.ts';

const floats = (shape: number[], ...data: number[]): InputValue => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** A program over one variable `w`, which starts as [1, 2]. */
function over(functions: (w: tf.Variable) => Record<string, StepFunction>) {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const program = openProgram({ variables: new Map([['w', w]]), precision: 'fp32', functions: functions(w) });
  return {
    w,
    ...program,
    program,
    now: () => [...(program.read().get('w')?.data ?? [])],
    end: () => {
      program.dispose();
      w.dispose();
    },
  };
}

test('reading a tensor inside a compiled step is an error that names the op, and changes nothing', () => {
  const { program, now, end } = over((w) => ({
    reads: ({ x }) => {
      w.assign(tf.add(w, 1));
      const factor = tf.mul(w, x ?? 0).dataSync()[0] ?? 0;
      return { y: tf.mul(w, factor) };
    },
    adds: ({ x }) => {
      w.assign(tf.add(w, x ?? 0));
      return { w };
    },
  }));
  assert.throws(() => program.run('reads', { x: floats([], 3) }), /reads the output of op "Mul" of shape \[2\]/);
  assert.deepEqual(now(), [1, 2]);
  assert.deepEqual([...(program.run('adds', { x: floats([], 3) }).w ?? [])], [4, 5]);
  end();
});

test('reading a constant that the step made itself is allowed', () => {
  const { program, end } = over((w) => ({
    picks: () => ({ y: tf.gather(w, tf.tensor1d([1, 1, 0], 'int32')) }),
  }));
  assert.deepEqual([...(program.run('picks', {}).y ?? [])], [2, 2, 1]);
  assert.equal(program.compiled, true);
  end();
});

for (const { what, step, why } of [
  {
    what: 'random numbers of JavaScript',
    step: (w: tf.Variable) => ({ y: tf.add(w, tf.randomUniform([2])) }),
    why: /random or counted in JavaScript/,
  },
  {
    what: 'an op with a generator of its own',
    step: (w: tf.Variable) => ({ y: tf.multinomial(w.as1D(), 3) }),
    why: /op "Multinomial" draws from a global generator/,
  },
  {
    what: 'text',
    step: (w: tf.Variable) => ({ y: tf.add(w, tf.tensor1d(['a', 'b']).size) }),
    why: null,
  },
])
  test(`a step with ${what} ${why ? 'runs op by op, with a note' : 'that no op reads is compiled'}`, () => {
    const { program, w, now, end } = over((w) => ({
      good: () => {
        w.assign(tf.mul(w, 2));
        return { w };
      },
      odd: () => step(w),
    }));
    program.run('good', {});
    program.run('odd', {});
    assert.equal(program.compiled, why === null);
    if (why) assert.match(program.notes.join(), why);
    program.run('good', {});
    assert.deepEqual(now(), [4, 8], 'the variable moved with the program');
    if (why) assert.deepEqual([...w.dataSync()], [4, 8]);
    end();
  });

test('captured tensors of every type and shape become constants', () => {
  const captured = {
    scalar: tf.scalar(1.5),
    whole: tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'),
    truth: tf.tensor1d([true, false], 'bool'),
    empty: tf.tensor1d([]),
    even: tf.fill([300], 7),
  };
  const used = tf.mul(captured.even, 1); // a tensor that TensorFlow made: no data in JavaScript
  const { program, end } = over((w) => ({
    all: () => ({
      scalar: tf.add(w, captured.scalar),
      whole: tf.add(captured.whole, tf.tensor2d([1, 1, 1, 1], [2, 2], 'int32')),
      truth: tf.logicalNot(captured.truth),
      empty: tf.concat([captured.empty, w]),
      even: tf.sum(tf.add(used, captured.even)),
    }),
  }));
  const y = program.run('all', {});
  assert.deepEqual([...(y.scalar ?? [])], [2.5, 3.5]);
  assert.deepEqual([...(y.whole ?? [])], [2, 3, 4, 5]);
  assert.deepEqual([...(y.truth ?? [])], [0, 1]);
  assert.deepEqual([...(y.empty ?? [])], [1, 2]);
  assert.deepEqual([...(y.even ?? [])], [4200]);
  assert.deepEqual(program.notes, []);
  end();
  assert.deepEqual([...captured.whole.dataSync()], [1, 2, 3, 4], 'the captured tensors are whole');
  tf.dispose([captured, used]);
});

test('functions and input shapes share the variables, in any order of sessions', () => {
  const { program, w, now, end } = over((w) => ({
    add: ({ x }) => {
      w.assign(tf.add(w, tf.sum(x ?? 0)));
      return { w };
    },
    look: () => ({ w }),
  }));
  for (let length = 1; length <= 9; length++) {
    program.run('add', { x: floats([length], ...new Array<number>(length).fill(1)) });
    assert.deepEqual([...(program.run('look', {}).w ?? [])], now());
  }
  assert.deepEqual(now(), [46, 47]);
  assert.ok(nativeCounts().sessions <= 6, 'the cache of sessions is bounded');
  program.write(new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(10, 20) }]]));
  assert.deepEqual([...(program.run('add', { x: floats([1], 5) }).w ?? [])], [15, 25]);
  program.dispose();
  assert.equal(nativeCounts().sessions, 0, 'sessions are left');
  assert.deepEqual([...w.dataSync()], [15, 25], 'the variable has its last value back');
  end();
});

test('a variable can be assigned more than once, and earlier reads keep their values', () => {
  const { program, now, end } = over((w) => ({
    twice: () => {
      const before = tf.mul(w, 1);
      w.assign(tf.add(w, 1));
      const between = tf.mul(w, 1);
      w.assign(tf.mul(w, 10));
      return { before, between, after: w };
    },
  }));
  const y = program.run('twice', {});
  assert.deepEqual([...(y.before ?? []), ...(y.between ?? []), ...(y.after ?? [])], [1, 2, 2, 3, 20, 30]);
  assert.deepEqual(now(), [20, 30]);
  end();
});

test('a variable that the program does not list is named in an error, not frozen or changed', () => {
  const other = tf.variable(tf.tensor1d([5, 6]), true, 'the other one');
  const { program, end } = over((w) => ({
    reads: () => ({ y: tf.add(w, other) }),
    assigns: () => {
      other.assign(tf.mul(w, 2));
      return { w };
    },
  }));
  assert.throws(
    () => program.run('reads', {}),
    /op "Add.*" reads variable "the other one", which the program does not list/,
  );
  assert.throws(() => program.run('assigns', {}), /assigns variable "the other one", which the program does not list/);
  assert.deepEqual([...other.dataSync()], [5, 6]);
  end();
  other.dispose();
});

test('mismatched values are refused by name, and nothing is written', () => {
  const { program, now, end } = over((w) => ({
    run: ({ x }) => ({ y: tf.add(w, x ?? 0) }),
  }));
  const right = { dtype: 'F32' as const, shape: [2], data: Float32Array.of(8, 9) };
  const write = (name: string, value: typeof right) => () =>
    program.write(
      new Map([
        ['w', right],
        [name, value],
      ]),
    );
  assert.throws(write('v', right), /no variable "v"/);
  assert.throws(write('w', { ...right, shape: [1, 2] }), /variable "w" has shape \[2\], but the value has \[1,2\]/);
  assert.throws(write('w', { ...right, data: Float32Array.of(1) }), /"w" of shape \[2\] needs 2 elements, not 1/);
  assert.deepEqual(now(), [1, 2]);
  assert.throws(() => program.run('run', { x: floats([3], 1) }), /input "x" of shape \[3\] needs 3 elements, not 1/);
  assert.throws(() => program.run('walk', {}), /no function "walk", only run/);
  assert.throws(() => program.run('run', { x: floats([3], 1, 2, 3) }), /shape|broadcast/i);
  assert.deepEqual([...(program.run('run', { x: floats([2], 1, 1) }).y ?? [])], [2, 3]);
  end();
});

test('a step that throws changes no variable and leaks no tensor', () => {
  let fails = true;
  const { program, now, end } = over((w) => ({
    step: () => {
      w.assign(tf.add(w, 1));
      if (fails) throw new Error('no such layer');
      return { w };
    },
  }));
  const before = tf.memory().numTensors;
  assert.throws(() => program.run('step', {}), /no such layer/);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(now(), [1, 2]);
  fails = false;
  assert.deepEqual([...(program.run('step', {}).w ?? [])], [2, 3]);
  end();
});

test('a NaN loss is returned as NaN', () => {
  const { program, end } = over((w) => ({ loss: ({ x }) => ({ loss: tf.sum(tf.log(tf.mul(w, x ?? 0))) }) }));
  assert.ok(Number.isNaN(program.run('loss', { x: floats([], -1) }).loss?.[0]));
  assert.ok(Number.isFinite(program.run('loss', { x: floats([], 1) }).loss?.[0]));
  end();
});

test('tensors, handles and sessions stay constant from step to step, and dispose frees them all', () => {
  const start = { tensors: tf.memory().numTensors, ...nativeCounts() };
  const learner = openLearner('resnet', 'sgd');
  const counts = () => ({ tensors: tf.memory().numTensors, ...nativeCounts() });
  learner.train(0);
  learner.evaluate();
  learner.train(1);
  const early = counts();
  for (let step = 2; step < 40; step++) learner.train(step);
  learner.evaluate();
  learner.train(40);
  assert.deepEqual(counts(), early);
  learner.dispose();
  assert.deepEqual(counts(), start);
});

test('a program of the same name goes on with the graphs of the last one, from its own values; any other closes them', () => {
  let recorded = 0;
  const open = (shared: string | undefined, start: number) => {
    const w = tf.variable(tf.tensor1d([start, start]));
    const fixed = tf.variable(tf.scalar(start / 100));
    const program = openProgram({
      variables: new Map<string, tf.Variable>([
        ['w', w],
        ['fixed', fixed],
      ]),
      precision: 'fp32',
      shared,
      functions: {
        add: ({ x }) => {
          recorded++;
          w.assign(tf.add(w, x ?? 0));
          return { sum: tf.add(w, fixed) };
        },
      },
    });
    const adds = (by: number) => Number(program.run('add', { x: floats([], by) }).sum?.[0]?.toFixed(2));
    return { adds, program, w, fixed };
  };
  const end = ({ program, w, fixed }: ReturnType<typeof open>) => {
    program.dispose();
    tf.dispose([w, fixed]);
  };
  const first = open('sum', 1);
  assert.deepEqual([first.adds(2), first.adds(2)], [3.01, 5.01]);
  const often = recorded;
  first.program.dispose();
  assert.deepEqual([...first.w.dataSync()], [5, 5], 'the variable has its last value back');
  tf.dispose([first.w, first.fixed]);
  const second = open('sum', 10);
  const beside = open('sum', 20);
  assert.deepEqual([second.adds(1), second.adds(1)], [11.1, 12.1]);
  assert.equal(recorded, often, 'nothing is recorded again');
  assert.equal(beside.adds(1), 21.2);
  assert.ok(recorded > often, 'a graph belongs to one program at a time');
  assert.equal(second.adds(1), 13.1);
  end(second);
  end(beside);
  assert.equal(nativeCounts().sessions, 1);
  const other = open(undefined, 0);
  assert.equal(nativeCounts().sessions, 0);
  end(other);
});

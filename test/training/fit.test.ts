import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  augmentOps,
  type CheckpointFile,
  canonicalJson,
  InsideHeader,
  type TrainCommand,
  TrainerEvent,
} from '@ablate/contracts';
import { decodeImage, evaluationBatches, inspectDataset, normaliser, openDataset, split } from '@ablate/data';
import { tf } from '@ablate/engine';
import { sha256 } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { buildModel, decodeSafetensors, encodeSafetensors, lookInside, openNetwork } from '@ablate/models';
import { Diverged, fit, Stopped } from '@ablate/training';
import { testEnvironment } from '../support/run-environment.ts';
import { data, STEPS_PER_EPOCH, tinyCommand, tinyConfig } from '../support/tiny.ts';

const home = temporaryFolder();
const folder = (name: string) => join(home.path, name);

type OfType<T extends TrainerEvent['type']> = Extract<TrainerEvent, { type: T }>;
const ofType = <T extends TrainerEvent['type']>(events: TrainerEvent[], type: T): OfType<T>[] =>
  events.filter((event): event is OfType<T> => event.type === type);

/** Train, and request a stop once `until` returns true. With checkpointSeconds 0, a checkpoint follows every step. The worker parses every event. */
async function train(
  command: TrainCommand,
  {
    until,
    reason = 'preempted',
    checkpointSeconds = until ? 0 : 3600,
  }: { until?: (event: TrainerEvent) => boolean; reason?: Stopped['reason']; checkpointSeconds?: number } = {},
): Promise<TrainerEvent[]> {
  const stop = new AbortController();
  const events: TrainerEvent[] = [];
  const options = { data, checkpointSeconds, environment: testEnvironment, stop: stop.signal };
  for await (const event of fit(command, options)) {
    events.push(TrainerEvent.parse(event));
    if (until?.(event)) stop.abort(new Stopped(reason));
  }
  return events;
}

/** The newest file of each kind, newest first, in the order of the database. */
function newest(events: TrainerEvent[]): CheckpointFile[] {
  const kinds = new Map(ofType(events, 'checkpoint').map(({ checkpoint }) => [checkpoint.kind, checkpoint]));
  return [...kinds.values()].sort((a, b) => b.step - a.step);
}
const shas = (events: TrainerEvent[]) => Object.fromEntries(newest(events).map(({ kind, sha256 }) => [kind, sha256]));
const metrics = (events: TrainerEvent[]) =>
  ofType(events, 'metrics').flatMap(({ rows }) => rows.filter(({ name }) => name !== 'samplesPerSecond'));
const atStep = (step: number) => (event: TrainerEvent) =>
  event.type === 'checkpoint' && event.checkpoint.kind === 'last' && event.checkpoint.step === step;
const finished = (events: TrainerEvent[]) => {
  const [final] = ofType(events, 'finished');
  assert.ok(final, `not finished: ${JSON.stringify(events.at(-1))}`);
  return final.result;
};

const whole = train(tinyCommand(folder('whole')));

test('a run reports its metrics once an epoch, writes the checkpoints that it reports, and finishes', async () => {
  const events = await whole;
  const [started] = ofType(events, 'started');
  assert.equal(started?.totalSteps, 2 * STEPS_PER_EPOCH);
  assert.equal(started?.resumedFrom, null);
  const rows = ofType(events, 'metrics').flatMap((event) => event.rows);
  assert.deepEqual(
    rows.filter(({ name }) => name === 'val/accuracy').map(({ step, epoch }) => [step, epoch]),
    [
      [STEPS_PER_EPOCH, 1],
      [2 * STEPS_PER_EPOCH, 2],
    ],
  );
  for (const { file, sha256: expected, bytes } of newest(events)) {
    const content = await readFile(join(folder('whole'), file));
    assert.equal(sha256(content), expected);
    assert.equal(content.byteLength, bytes);
  }
  assert.equal(events.at(-1)?.type, 'finished');
});

const epochsOf = (events: TrainerEvent[]) =>
  metrics(events).flatMap(({ name, epoch }) => (name === 'train/loss' ? [epoch] : []));
const lastNotes = (events: TrainerEvent[]) => ofType(events, 'started').at(-1)?.notes ?? [];

test('a target or a deadline ends a training after the epoch in which it is reached, and a note says so', async () => {
  for (const [stop, note] of [
    [
      { target: 0.01 },
      /^training ended before its last epoch \(train\.stop\): a validation accuracy of 0\.01 was reached$/,
    ],
    [{ deadline: 0.001 }, /its deadline of 0\.001 s passed; how far it came depends on the machine$/],
  ] as const) {
    const config = tinyConfig({ epochs: 4, stop });
    const events = await train(tinyCommand(folder(`stop ${Object.keys(stop)[0]}`), { config }));
    assert.deepEqual(epochsOf(events), [1]);
    assert.equal(finished(events).bestEpoch, 1);
    assert.match(lastNotes(events).at(-1) ?? '', note);
    // A rung is reached whatever the rules say.
    const rung = await train(tinyCommand(folder(`rung ${Object.keys(stop)[0]}`), { config, until: 2 }));
    assert.deepEqual([epochsOf(rung), rung.at(-1)?.type], [[1, 2], 'reached']);
  }
  const later = tinyCommand(folder('later'), {
    config: tinyConfig({ stop: { deadline: 3600 } }),
    spentSeconds: 3599.99,
  });
  assert.deepEqual(epochsOf(await train(later)), [1], 'earlier attempts count');
});

test('a plateau ends a training so many epochs after the best one, also when it was interrupted', async () => {
  // Weights hardly move, so no epoch is better than the first.
  const optimizer = { name: 'adamw', learningRate: 1e-9 };
  const config = tinyConfig({ epochs: 9, stop: { plateau: 2 }, optimizer });
  const events = await train(tinyCommand(folder('plateau'), { config }));
  assert.deepEqual(epochsOf(events), [1, 2, 3]);
  assert.equal(finished(events).bestEpoch, 1);
  assert.match(lastNotes(events).at(-1) ?? '', /no better validation accuracy in 2 epochs$/);

  const command = tinyCommand(folder('plateau cut'), { config });
  const cut = await train(command, { until: atStep(2 * STEPS_PER_EPOCH + 3) });
  const rest = await train({ ...command, resume: newest(cut) });
  assert.deepEqual(epochsOf(rest), [3]);
  assert.deepEqual(finished(rest).testLoss, finished(events).testLoss);
});

test('fit reports the stage `waiting` while another process packs the data set', async () => {
  const own = { folders: [], cache: folder('cache') };
  const { recipe } = await inspectDataset({ name: 'shapes10' }, own);
  const lock = join(own.cache, `${recipe.copy.stem}.lock`);
  await mkdir(own.cache, { recursive: true });
  await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() }));
  const stop = new AbortController();
  const options = { data: own, checkpointSeconds: 3600, environment: testEnvironment, stop: stop.signal };
  const names: string[] = [];
  for await (const event of fit(tinyCommand(folder('waited')), options)) {
    if (event.type === 'stage') names.push(event.stage.name);
    await rm(lock, { force: true });
    if (event.type === 'started') break;
  }
  assert.equal(names[0], 'waiting');
});

test('the figures are those of the best checkpoint, measured without augmentation or dropout', async () => {
  const events = await whole;
  const result = finished(events);
  const best = newest(events).find(({ kind }) => kind === 'best');
  assert.ok(best);
  const config = tinyConfig();
  const { tensors } = decodeSafetensors(await readFile(join(folder('whole'), best.file)));
  const network = buildModel(config.model, { seed: 99 });
  for (const [name, variable] of [...network.parameters, ...network.buffers]) {
    const saved = tensors.get(name);
    assert.ok(saved?.dtype === 'F32', name);
    tf.tidy(() => variable.assign(tf.tensor(saved.data, saved.shape)));
  }
  const dataset = await openDataset('shapes10', data);
  const { train: indices, validation } = split(dataset, config.dataset);
  const random = { seed: tf.scalar(0, 'int32'), step: tf.scalar(0, 'int32') };
  const accuracy = (set: typeof dataset.train, chosen?: Int32Array): number => {
    let [right, all] = [0, 0];
    for (const { images, labels, count } of evaluationBatches(dataset, set, { indices: chosen, batchSize: 50 })) {
      const guesses = tf.tidy(() => {
        const logits = network.forward(tf.tensor(images, [count, 32, 32, 3]), { training: false, random });
        return tf.argMax(logits, -1).dataSync();
      });
      right += labels.filter((label, i) => label === guesses[i]).length;
      all += count;
    }
    return right / all;
  };
  assert.equal(accuracy(dataset.train, indices), result.trainAccuracy);
  assert.equal(accuracy(dataset.train, validation), result.valAccuracy);
  assert.equal(accuracy(dataset.test), result.testAccuracy);
  network.dispose();
  tf.dispose(Object.values(random));
});

for (const step of [5, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 3, 2 * STEPS_PER_EPOCH])
  test(`stopped at step ${step} and resumed, a run has the same checkpoints, metrics and result`, async () => {
    const path = folder(`stopped-${step}`);
    const first = await train(tinyCommand(path), { until: atStep(step) });
    assert.deepEqual(ofType(first, 'failed')[0]?.cause, 'preempted');
    const second = await train(tinyCommand(path, { attempt: 2, resume: newest(first) }));
    assert.equal(ofType(second, 'started')[0]?.resumedFrom, step);
    assert.deepEqual(shas([...first, ...second]), shas(await whole));
    assert.deepEqual(metrics([...first, ...second]), metrics(await whole));
    const { samplesPerSecond: _, ...figures } = finished(second);
    const { samplesPerSecond: __, ...expected } = finished(await whole);
    assert.deepEqual(figures, expected);
  });

/** A run that stopped after its first epoch, and what a run needs that starts from its checkpoint. */
async function forkable(path: string): Promise<{ last: CheckpointFile; fork: NonNullable<TrainCommand['fork']> }> {
  const events = await train(tinyCommand(folder(path), { until: 1 }));
  const last = newest(events).find(({ kind }) => kind === 'last');
  assert.ok(last && ofType(events, 'reached')[0]?.epoch === 1);
  const run = randomUUID();
  return { last, fork: { run, epoch: 1, config: tinyConfig(), folder: folder(path), checkpoint: last } };
}
const tensorsOf = async (path: string, file: string) => decodeSafetensors(await readFile(join(folder(path), file)));

test('a run that starts from the checkpoint of another goes on exactly as that one would, with its own hyperparameters', async () => {
  const { last, fork } = await forkable('forked');
  // With the same config it is the same training; its best epoch is one of its own.
  const same = await train(tinyCommand(folder('fork-same'), { fork }));
  assert.deepEqual(metrics(same), metrics(await whole).slice(metrics(await whole).length / 2));
  assert.equal(ofType(same, 'started')[0]?.resumedFrom, STEPS_PER_EPOCH);
  assert.match(ofType(same, 'started')[0]?.notes.join() ?? '', /goes on from the checkpoint of a run/);
  assert.equal(finished(same).bestEpoch, 2);
  const [end, expected] = [
    await tensorsOf('fork-same', newest(same).find(({ kind }) => kind === 'last')?.file ?? ''),
    await tensorsOf('whole', newest(await whole).find(({ kind }) => kind === 'last')?.file ?? ''),
  ];
  assert.deepEqual(end.tensors, expected.tensors);

  // With another learning rate and label smoothing, its first step is that of the other run resumed with these.
  const config = tinyConfig({ optimizer: { learningRate: 0.004 }, labelSmoothing: 0.2 });
  const step = STEPS_PER_EPOCH + 1;
  const changed = await train(tinyCommand(folder('fork-changed'), { config, fork }), { until: atStep(step) });
  const { tensors, metadata } = await tensorsOf('forked', last.file);
  const { best: _, ...state } = JSON.parse(metadata.state ?? '');
  const edited = encodeSafetensors(tensors, {
    ...metadata,
    config: canonicalJson(config),
    state: canonicalJson({ ...state, best: null }),
  });
  await mkdir(folder('resumed'), { recursive: true });
  await writeFile(join(folder('resumed'), last.file), edited);
  const resume = [{ ...last, sha256: sha256(edited), bytes: edited.byteLength }];
  const resumed = await train(tinyCommand(folder('resumed'), { config, resume }), { until: atStep(step) });
  assert.equal(newest(changed)[0]?.step, step);
  assert.deepEqual(shas(changed), shas(resumed));

  // Interrupted, it goes on from its own checkpoint.
  const again = tinyCommand(folder('fork-changed'), { config, fork, attempt: 2, resume: newest(changed) });
  assert.equal(ofType(await train(again), 'started')[0]?.resumedFrom, step);
});

test('a run whose other checkpoint is gone, damaged or of another seed fails, and does not start from new weights', async () => {
  const { last, fork } = await forkable('parent');
  for (const [reason, wrong] of [
    [/is gone/, { fork: { ...fork, checkpoint: null } }],
    [/size mismatch/, { fork: { ...fork, checkpoint: { ...last, bytes: 1 } } }],
    [/a different seed/, { fork, seed: 4 }],
    [/a different config/, { fork: { ...fork, config: tinyConfig({ epochs: 3 }) } }],
  ] as const)
    await assert.rejects(train(tinyCommand(folder('orphan'), wrong)), reason);
});

/** The predicted classes, labels and images in a file of predictions. */
async function predictionsIn(
  path: string,
  { predictions: { file, sha256: expected, bytes: size } }: OfType<'predictions'>,
) {
  const bytes = await readFile(join(path, file));
  assert.deepEqual([sha256(bytes), bytes.byteLength], [expected, size]);
  const { tensors, metadata } = decodeSafetensors(bytes);
  const of = (name: string) => [...(tensors.get(name)?.data ?? [])].map(Number);
  const classes: unknown = JSON.parse(metadata.classes ?? 'null');
  const [predicted, labels, rank, confidence, indices] = [
    of('predicted'),
    of('labels'),
    of('rank'),
    of('confidence'),
    of('indices'),
  ];
  return { classes, predicted, labels, rank, confidence, indices };
}

test('the predictions of the best epoch have the accuracies of the result, and are the same after a resume', async () => {
  const events = await whole;
  const result = finished(events);
  const [onTest, onValidation] = ofType(events, 'predictions');
  assert.ok(onTest && onValidation);
  const dataset = await openDataset('shapes10', data);
  const { validation } = split(dataset, tinyConfig().dataset);
  const share = ({ predicted, labels }: { predicted: number[]; labels: number[] }): number =>
    predicted.filter((one, i) => one === labels[i]).length / predicted.length;
  const [tested, held] = [
    await predictionsIn(folder('whole'), onTest),
    await predictionsIn(folder('whole'), onValidation),
  ];
  assert.equal(share(tested), result.testAccuracy);
  assert.equal(share(held), result.valAccuracy);
  assert.deepEqual([tested.classes, tested.indices, held.indices], [dataset.classes, [], [...validation]]);
  assert.deepEqual(tested.labels, [...dataset.test.labels.subarray(0, dataset.test.count)]);
  const { rank, predicted, labels, confidence } = tested;
  assert.ok(
    rank.every((one, i) => (one === 0) === (predicted[i] === labels[i])),
    'ranks',
  );
  assert.ok(confidence.every((one) => one >= 25 && one <= 255) && new Set(confidence).size > 1, 'confidences');

  // Stopped once everything is trained: the best epoch's predictions are made again from its weights.
  const path = folder('predicted-after-resume');
  const first = await train(tinyCommand(path), { until: atStep(2 * STEPS_PER_EPOCH) });
  const second = await train(tinyCommand(path, { attempt: 2, resume: newest(first) }));
  assert.deepEqual(
    ofType(second, 'predictions').map(({ predictions }) => predictions.sha256),
    [onTest, onValidation].map(({ predictions }) => predictions.sha256),
  );
});

/** Assert that the run's maps are those of its best checkpoint, read anew, on the pictures that it wrote. */
async function assertInside(path: string, events: TrainerEvent[]): Promise<InsideHeader> {
  const [{ inside } = assert.fail('no look inside')] = ofType(events, 'inside');
  const [maps, png] = [await readFile(join(path, inside.maps.file)), await readFile(join(path, inside.images.file))];
  assert.deepEqual([sha256(maps), sha256(png)], [inside.maps.sha256, inside.images.sha256]);
  const { tensors, metadata } = decodeSafetensors(maps);
  const header = InsideHeader.parse(JSON.parse(metadata.inside ?? 'null'));
  const strip = await decodeImage(png, 'strip', 16 * 32);
  const [count, side] = [header.images.length, 32];
  assert.deepEqual([strip.width, strip.height], [count * side, side]);
  const values = new Float32Array(count * side * side * 3);
  const dataset = await openDataset('shapes10', data);
  const normalise = normaliser(dataset);
  for (let image = 0; image < count; image++)
    for (let row = 0; row < side; row++) {
      const from = (row * strip.width + image * side) * 3;
      normalise(strip.pixels.subarray(from, from + side * 3), values, (image * side + row) * side * 3);
    }
  const best = newest(events).find(({ kind }) => kind === 'best') ?? assert.fail();
  const weights = join(path, best.file);
  const opened = await openNetwork({ weights }, { cache: async () => path, report: () => {} });
  const images = { dtype: 'F32' as const, shape: [count, side, side, 3], data: values };
  const again = lookInside(opened.network, images, { batch: count });
  opened.network.dispose();
  const expected = decodeSafetensors(encodeSafetensors(again.tensors)).tensors;
  assert.deepEqual([...tensors.keys()], [...expected.keys()]);
  for (const [name, tensor] of expected) {
    const found = tensors.get(name)?.data ?? [];
    for (const [at, value] of [...tensor.data].map(Number).entries())
      assert.ok(Math.abs(Number(found[at]) - value) <= 2e-3 * Math.max(0.01, Math.abs(value)), `${name} at ${at}`);
  }
  return header;
}

test('a run ends with a look inside the best epoch on sixteen validation images of all classes', async () => {
  const header = await assertInside(folder('whole'), await whole);
  const dataset = await openDataset('shapes10', data);
  const { validation } = split(dataset, tinyConfig().dataset);
  const { images, query } = header;
  assert.equal(query, 'class token');
  assert.equal(new Set(images.map(({ label }) => label)).size, 10);
  for (const { index, label, labelName, top } of images) {
    assert.ok(validation.includes(index ?? -1));
    assert.deepEqual([label, labelName], [dataset.train.labels[index ?? 0], dataset.classes[label ?? 0]]);
    assert.ok((top[0]?.probability ?? 0) >= (top[1]?.probability ?? 1));
  }
  const other = await train(tinyCommand(folder('other-seed'), { config: tinyConfig({ epochs: 1 }), seed: 9 }));
  assert.deepEqual(
    ofType(other, 'inside').map(({ inside }) => inside.images.sha256),
    ofType(await whole, 'inside').map(({ inside }) => inside.images.sha256),
    'the pictures are the same for every run of a split',
  );
});

test('a run that cannot look inside its model succeeds with a note', async () => {
  await mkdir(join(folder('blind'), 'inside-1.safetensors'), { recursive: true });
  const events = await train(tinyCommand(folder('blind'), { config: tinyConfig({ epochs: 1 }) }));
  assert.deepEqual([ofType(events, 'inside'), ofType(events, 'finished').length], [[], 1]);
  assert.match(ofType(events, 'started').at(-1)?.notes.join() ?? '', /no look inside the model: EISDIR/);
});

test('a preempted run saves its current step, before its next checkpoint is due', async () => {
  const until = (event: TrainerEvent) => event.type === 'started';
  const events = await train(tinyCommand(folder('preempted')), { until, checkpointSeconds: 3600 });
  assert.deepEqual(
    newest(events).map(({ kind, step }) => [kind, step]),
    [['last', 1]],
  );
});

test('with SGD, an average of the weights and clipping, resuming is exact too', async () => {
  const config = tinyConfig({
    optimizer: { name: 'sgd', learningRate: 0.1, nesterov: true },
    ema: 0.9,
    clipNorm: 1,
  });
  const once = await train(tinyCommand(folder('sgd'), { config }));
  await assertInside(folder('sgd'), once);
  const first = await train(tinyCommand(folder('sgd-stopped'), { config }), { until: atStep(4) });
  const second = await train(tinyCommand(folder('sgd-stopped'), { config, attempt: 2, resume: newest(first) }));
  assert.deepEqual(shas([...first, ...second]), shas(once));
});

test('with mixup and cutmix, resuming is exact too, and the weights differ from those without', async () => {
  const mixed = augmentOps(['basic', { op: 'mixup', alpha: 0.8, p: 0.5 }, { op: 'cutmix', alpha: 1, p: 0.5 }]);
  const config = { ...tinyConfig(), augment: [...mixed] };
  const once = await train(tinyCommand(folder('mixed'), { config }));
  const first = await train(tinyCommand(folder('mixed-stopped'), { config }), { until: atStep(4) });
  const second = await train(tinyCommand(folder('mixed-stopped'), { config, attempt: 2, resume: newest(first) }));
  assert.deepEqual(shas([...first, ...second]), shas(once));
  assert.notDeepEqual(shas(once), shas(await whole));
  assert.equal(ofType(once, 'started').at(-1)?.compiled, true);
});

test('a damaged checkpoint is refused with a note, and the next older one is used', async () => {
  const path = folder('damaged');
  const first = await train(tinyCommand(path), { until: atStep(STEPS_PER_EPOCH + 2) });
  const resume = newest(first);
  assert.deepEqual(
    resume.map(({ kind, step }) => [kind, step]),
    [
      ['last', STEPS_PER_EPOCH + 2],
      ['best', STEPS_PER_EPOCH],
    ],
  );
  const last = await open(join(path, resume[0]!.file), 'r+');
  await last.write(Buffer.from([1, 2, 3, 4]), 0, 4, resume[0]!.bytes - 40);
  await last.close();
  const second = await train(tinyCommand(path, { attempt: 2, resume }));
  const [started] = ofType(second, 'started');
  assert.equal(started?.resumedFrom, STEPS_PER_EPOCH);
  assert.match(started?.notes.join('\n') ?? '', /last checkpoint of step 11 refused: .*SHA-256 mismatch/);
  assert.deepEqual(shas([...first, ...second]), shas(await whole));
});

test('train.evaluate.with changes train accuracy and nothing else, and a note says so', async () => {
  const events = await train(
    tinyCommand(folder('augmented'), { config: tinyConfig({ evaluate: { with: 'augmented' } }) }),
  );
  const byName = (rows: ReturnType<typeof metrics>, name: string) => rows.filter((row) => row.name === name);
  const plain = metrics(await whole);
  const augmented = metrics(events);
  for (const name of ['train/loss', 'val/loss', 'val/accuracy'])
    assert.deepEqual(byName(augmented, name), byName(plain, name), name);
  assert.notDeepEqual(byName(augmented, 'train/accuracy'), byName(plain, 'train/accuracy'));
  assert.deepEqual(finished(events).testAccuracy, finished(await whole).testAccuracy);
  assert.match(ofType(events, 'started')[0]?.notes.join('\n') ?? '', /train accuracy is of augmented images/);
  assert.doesNotMatch(ofType(await whole, 'started')[0]?.notes.join('\n') ?? '', /augmented images/);
});

test('train.evaluate.everyEpochs leaves out evaluations but the last, and a stop after an epoch without one resumes exactly', async () => {
  const sparse = tinyConfig({ epochs: 3, evaluate: { everyEpochs: 2, trainImages: 50 } });
  const every = metrics(await train(tinyCommand(folder('every'), { config: tinyConfig({ epochs: 3 }) })));
  const events = await train(tinyCommand(folder('sparse'), { config: sparse }));
  const found = metrics(events);
  const expected = every.filter(({ name, epoch }) => epoch !== 1 || !/accuracy|val/.test(name));
  const without = (rows: typeof found) => rows.filter(({ name }) => name !== 'train/accuracy');
  assert.deepEqual(without(found), without(expected));
  const accuracies = found.filter(({ name }) => name === 'train/accuracy').map(({ value }) => value * 50);
  assert.ok(accuracies.length === 2 && accuracies.every((right) => Math.abs(right - Math.round(right)) < 1e-9));
  assert.ok([2, 3].includes(finished(events).bestEpoch));

  const first = await train(tinyCommand(folder('sparse-stopped'), { config: sparse }), {
    until: atStep(STEPS_PER_EPOCH),
  });
  const resumed = { config: sparse, attempt: 2, resume: newest(first) };
  const second = await train(tinyCommand(folder('sparse-stopped'), resumed));
  assert.deepEqual(shas(second), shas(events));
  assert.deepEqual(metrics([...first, ...second]), found);
});

test('a checkpoint of a different config is refused, and training starts from the beginning', async () => {
  const resume = newest(await whole);
  const events = await train(tinyCommand(folder('whole'), { config: tinyConfig({ epochs: 1 }), attempt: 2, resume }));
  const [started] = ofType(events, 'started');
  assert.equal(started?.resumedFrom, null);
  assert.match(started?.notes.join('\n') ?? '', /the checkpoint belongs to a different config/);
});

test('a loss that is NaN or infinite ends the run as diverged', async () => {
  const config = tinyConfig({ optimizer: { name: 'sgd', learningRate: 1000 }, schedule: { name: 'constant' } });
  await assert.rejects(train(tinyCommand(folder('diverged'), { config })), Diverged);
});

test('a cancelled run ends as cancelled, with the step', async () => {
  const events = await train(tinyCommand(folder('cancelled')), {
    until: (event) => event.type === 'started',
    reason: 'cancelled',
  });
  assert.deepEqual(events.at(-1)?.type === 'failed' && events.at(-1), {
    type: 'failed',
    cause: 'cancelled',
    message: `training was cancelled at step 1 of ${2 * STEPS_PER_EPOCH}`,
  });
});

test('a model that does not fit the data set is refused, and the field is named', async () => {
  const config = tinyConfig();
  const command = tinyCommand(folder('misfit'), { config: { ...config, model: { ...config.model, imageSize: 64 } } });
  await assert.rejects(train(command), /model\.imageSize: shapes10 has images of 32 × 32/);
});

test('a run leaks no tensors, whether it finished, was stopped or diverged', async () => {
  await whole;
  const before = tf.memory().numTensors;
  await train(tinyCommand(folder('flat')));
  await train(tinyCommand(folder('flat-stopped')), { until: atStep(2) });
  const config = tinyConfig({ optimizer: { name: 'sgd', learningRate: 1000 }, schedule: { name: 'constant' } });
  await assert.rejects(train(tinyCommand(folder('flat-diverged'), { config })), Diverged);
  assert.equal(tf.memory().numTensors, before);
});

test('a run that stops after an epoch, as its search asked, goes on to the same bytes as one that did not', async () => {
  const at = { folder: folder('rung') };
  const first = await train(tinyCommand(at.folder, { until: 1 }));
  const reached = first.at(-1);
  assert.ok(reached?.type === 'reached', JSON.stringify(reached));
  const atEpoch = metrics(await whole).find(({ name, epoch }) => name === 'val/accuracy' && epoch === 1);
  assert.deepEqual([reached.epoch, reached.valAccuracy], [1, atEpoch?.value]);
  assert.deepEqual(ofType(first, 'predictions'), []);
  const again = await train(tinyCommand(at.folder, { until: 1, attempt: 2, resume: newest(first) }));
  assert.deepEqual(again.at(-1), reached, 'asked again, it has nothing to train');
  const rest = await train(tinyCommand(at.folder, { attempt: 3, resume: newest(first) }));
  const { samplesPerSecond: _, ...result } = finished(rest);
  const { samplesPerSecond: __, ...expected } = finished(await whole);
  assert.deepEqual(result, expected);
  assert.equal(shas(rest).last, shas(await whole).last);
});

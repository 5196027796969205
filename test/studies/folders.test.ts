import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, ScaleName } from '@ablate/contracts';
import { plannedSweeps, readStudies } from '@ablate/studies';

const studies = await readStudies();

/** The studies that the project promises. */
const NAMES = [
  'attention-maps',
  'augmentation-sets',
  'basic-block-order',
  'clip-vs-resnet50',
  'crossvit',
  'data-set-size',
  'differential-vit',
  'first-run',
  'imagenet-subset',
  'positional-embedding',
  'resnet18-cifar',
  'symmetry',
  'train-metrics-bug',
  'vit-block-order',
  'vit-cifar-80',
  'vit-knobs',
  'vit-patch-size',
  'vit-vs-resnet',
];

test('every study is there, and has sweeps or measures', () => {
  assert.deepEqual(
    studies.map(({ name }) => name),
    NAMES,
  );
  for (const { name, sweeps, text } of studies) assert.ok(sweeps.length + text.measures.length > 0, name);
});

for (const study of studies.filter(({ sweeps }) => sweeps.length > 0))
  test(`study ${study.name}: every scale expands to the same configs but for samples and epochs`, () => {
    const [smoke, cpu, full] = ScaleName.options.map((scale) => plannedSweeps(study, { scale }));
    for (const [i, { spec, points }] of (cpu ?? []).entries()) {
      const written = study.sweeps[i]?.spec;
      assert.deepEqual({ ...spec, name: written?.name }, written, 'sweep.json is written at the cpu scale');
      if (points.length > 1) assert.ok(spec.seeds.length >= 3, 'configs are compared over 3 seeds or more');
      for (const other of [smoke?.[i], full?.[i]]) {
        const without = (point: (typeof points)[number] | undefined) => {
          const { 'dataset.samples': _, 'train.epochs': __, ...axes } = point?.axes ?? {};
          return canonicalJson(axes);
        };
        assert.deepEqual(other?.points.map(without), points.map(without));
      }
    }
  });

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@ablate/harness/temporary';
import {
  buildReport,
  joined,
  listStudies,
  ofSweep,
  overviewMarkdown,
  plannedSweeps,
  readingOf,
  readResults,
  readStudies,
  readStudy,
  reportHtml,
  reportMarkdown,
  resultsFolder,
  type Study,
  toCsvText,
} from '@ablate/studies';

const COLUMNS = [
  ...['position', 'axes', 'seed', 'state', 'cause', 'test_accuracy', 'test_loss', 'val_accuracy', 'val_loss'],
  ...['train_accuracy', 'best_epoch', 'samples_per_second', 'useful_seconds', 'lost_seconds', 'macs', 'parameters'],
  ...[
    'total_steps',
    'dataset',
    'samples',
    'epochs',
    'dataset_hash',
    'device',
    'threads',
    'instruction_sets',
    'one_dnn',
  ],
  ...['precision', 'tensorflow', 'node', 'code', 'lockfile', 'notes', 'finished'],
];

/** What the attempts ran on. */
const MACHINE = ['cpu', 2, 'avx2', true, 'fp32', '2.21', 'v20', 'c0de', '10cf', [], '2026-11-26T10:00:00Z'];

type Value = (position: number, seed: number) => number | null;

/** Rows of a study at a scale whose test accuracies are given; `null` is a run that diverged. */
async function rowsOf(name: string, value: Value) {
  const study = await readStudy(name);
  const parts = plannedSweeps(study, { scale: 'cpu' }).map(({ name: sweep, points, spec }) =>
    ofSweep(sweep, {
      columns: COLUMNS,
      rows: points.flatMap(({ axes }, position) =>
        spec.seeds.map((seed) => {
          const accuracy = value(position, seed);
          const state = accuracy === null ? ['failed', 'diverged'] : ['succeeded', 'completed'];
          const figures = [accuracy, 1, accuracy, 1, accuracy, 1, 100, 10, 0, 1e6, 1e5, 30];
          const data = ['cifar10', spec.dataset.samples ?? null, 3, 'abc'];
          return [position, axes, seed, ...state, ...figures, ...data, ...MACHINE];
        }),
      ),
    }),
  );
  return { study, csv: toCsvText(joined(parts)) };
}

/** The study with these rows as its stored results, and its report. */
async function reported(
  name: string,
  value: Value,
  more: Record<string, string> = {},
  claims?: Study['text']['claims'],
) {
  const { study: written, csv } = await rowsOf(name, value);
  const study = claims ? { ...written, text: { ...written.text, claims } } : written;
  const folder = temporaryFolder();
  try {
    const results = resultsFolder(folder.path, 'cpu');
    await mkdir(results, { recursive: true });
    for (const [file, text] of Object.entries({ 'runs.csv': csv, ...more })) await writeFile(join(results, file), text);
    const read = await readResults(folder.path, 'cpu');
    assert.ok(read);
    return buildReport(readingOf(study, 'cpu', read));
  } finally {
    folder.remove();
  }
}

/** Noise of half a point around the accuracy of each config. */
const around =
  (accuracies: readonly number[]): Value =>
  (position, seed) =>
    (accuracies[position] ?? 0.5) + (seed - 2) * 0.001 + ((position * 7 + seed * 5) % 3) * 0.001;

test('the first line says what the results say about the claims of the original', async () => {
  const first = async (accuracies: readonly number[]) =>
    (await reported('basic-block-order', around(accuracies))).first;
  assert.equal(await first([0.5, 0.4, 0.6, 0.5]), 'Agrees with the original on 2 of 2 claims.');
  assert.match(
    await first([0.5, 0.6, 0.6, 0.5]),
    /^Contradicts the original on 1 of 2 claims \(ordering v2 against ordering v1: \+\d+\.\d\d ± \d\.\d\d points, reported worse\); agrees on 1\.$/,
  );
  const noisy: Value = (position, seed) => 0.5 + ((position * 13 + seed * 29) % 7) * 0.02;
  assert.equal(
    (await reported('basic-block-order', noisy)).first,
    'Cannot be told from noise: none of the 2 claims of the original is shown or refuted.',
  );
  assert.equal(
    (await reported('vit-patch-size', around([0.5, 0.6, 0.4]))).first,
    'The original reported no figure to compare with.',
  );
});

test('a claim about a gain compares differences', async () => {
  // Configs 0 to 2 are the ResNet on growing subsets, 3 to 5 the ViT.
  const gains = async (vit: number) =>
    (await reported('data-set-size', around([0.3, 0.4, 0.5, 0.2, 0.3, 0.2 + vit, 0.5, 0.5, 0.5, 0.5]))).first;
  assert.equal(await gains(0.4), 'Agrees with the original on 1 of 1 claim.');
  assert.match(
    await gains(0.1),
    /^Contradicts the original on 1 of 1 claims \(the gain of vit.* over vit.* against the gain of resnet20/,
  );
});

test('a claim about a level compares with a number; one seed has no estimate of noise', async () => {
  const of = async (accuracy: number) => (await reported('vit-cifar-80', () => accuracy)).first;
  assert.equal(await of(0.8033), 'No estimate of noise: as written against 80 %: +0.33 points, reported better.');
  assert.equal(await of(0.78), 'No estimate of noise: as written against 80 %: −2.00 points, reported better.');
  const claims: Study['text']['claims'] = [
    { config: '1', than: '80 %', is: 'better', on: ['test', 'accuracy'], reported: 'above 80 %' },
  ];
  const seeds = async (accuracy: number) =>
    (await reported('basic-block-order', around([0.5, accuracy, 0.5, 0.5]), {}, claims)).first;
  assert.equal(await seeds(0.9), 'Agrees with the original on 1 of 1 claim.');
  assert.match(await seeds(0.7), /^Contradicts .* 80 %: −9\.\d\d ± \d\.\d\d points, reported better\)\.$/);
  assert.match(await seeds(0.799), /^Cannot be told from noise: /);
});

test('a run without a result is told, and a config without any has no claim', async () => {
  const report = await reported('basic-block-order', (position, seed) =>
    position === 1 ? null : 0.5 + seed * 0.001 + position * 0.002,
  );
  const text = reportMarkdown(report, 'cpu');
  assert.match(text, /3 of 12 runs without a result: 3 diverged/);
  assert.match(
    text,
    /^\| ordering v2 is worse than ordering v1 \(test accuracy\) \| .* \| no result \| no result \|$/m,
  );
});

test('text of results is escaped in Markdown and HTML', async () => {
  const hostile = '<img src=x onerror=alert(1)>|*_`';
  const report = await reported('symmetry', () => 0, {
    'runs.csv': toCsvText({ columns: ['sweep', ...COLUMNS], rows: [] }),
    'layers.csv': toCsvText({ columns: [hostile], rows: [[hostile]] }),
    'summary.csv': toCsvText({ columns: ['sentence'], rows: [[hostile]] }),
  });
  const html = reportHtml(report, () => '');
  assert.doesNotMatch(html, /<img/);
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/);
  const markdown = reportMarkdown(report, 'cpu');
  assert.match(markdown, /^\| \\<img src=x onerror=alert\(1\)\\>\\\|\\\*\\_\\` \|$/m);
});

test('results of another version of the sweep, or with a damaged row, are refused with the reason', async () => {
  const { csv } = await rowsOf('basic-block-order', around([]));
  await assert.rejects(
    reported('vit-block-order', around([]), { 'runs.csv': csv }),
    /the results are of another version of sweep\.json: run the study again/,
  );
  await assert.rejects(
    reported('basic-block-order', around([]), { 'runs.csv': csv.replace(',succeeded,', ',won,') }),
    /runs\.csv: row 1: state: /,
  );
  await assert.rejects(
    reported('basic-block-order', around([]), { 'runs.csv': csv.replace('"{', '{') }),
    /runs\.csv: row 1 has \d+ cells, but the head has 33|a quote is not closed/,
  );
});

test('the list of studies and the table over all agree', async () => {
  const listed = await listStudies();
  const overview = await overviewMarkdown(await readStudies());
  for (const { name, answer, command } of listed) {
    const line = overview.split('\n').find((one) => one.startsWith(`| [${name}]`));
    assert.ok(line?.includes(command), name);
    assert.equal(line?.includes('not run yet'), answer === null, name);
  }
});

/** A study end to end: trained by a worker, collected by SQL, reported, and remade without the service. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { REPOSITORY } from '@ablate/files';
import { encodePng } from '@ablate/files/png';
import { KERNEL_VARIABLES, TEST_HOME } from '@ablate/harness/environment';
import { temporaryFolder } from '@ablate/harness/temporary';
import { readResults } from '@ablate/studies';
import { ablate, assertDone, startApi } from '../cli/command-line.ts';

/** An API and one worker; the environment of the command line. */
async function service(t: TestContext) {
  const stops: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  const api = await startApi({ after: (stop) => void stops.push(stop) }, { sql: true });
  const worker = fork(join(REPOSITORY, 'apps/worker/src/worker.ts'), [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...KERNEL_VARIABLES,
      DATABASE_URL: api.databaseUrl,
      REDIS_URL: api.redisUrl,
      ABLATE_HOME: TEST_HOME,
      ABLATE_CHECKPOINTS: api.checkpoints,
      ABLATE_DEVICE: 'cpu',
      ABLATE_LOG: 'warn',
      ABLATE_BEAT_SECONDS: '0.2',
      ABLATE_DISPATCH_SECONDS: '0.1',
    },
  });
  stops.push(async () => {
    const exited = once(worker, 'exit');
    worker.kill('SIGKILL');
    await exited;
  });
  return { db: api.db, env: { ABLATE_API_URL: api.apiUrl, ABLATE_HOME: TEST_HOME } };
}

test('a study runs at the smoke scale, is reported, and is remade from its stored results alone', async (t) => {
  const { db, env } = await service(t);
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const place = ['--scale', 'smoke', '--dataset', 'shapes10', '--seeds', '1', '--out', folder.path];
  const run = () => ablate(['study', 'run', 'basic-block-order', ...place], { env });
  const first = await run();
  assertDone(first);
  assert.match(first.out, /^A smoke run: /);

  const markdown = await readFile(join(folder.path, 'report/smoke.md'), 'utf8');
  assert.match(markdown, /^\*\*A smoke run: /);
  assert.match(
    markdown,
    /300 images of shapes10 in place of cifar10, 1 epoch, 1 seed\. The full scale is all images, 100 epochs/,
  );
  assert.match(markdown, /npx ablate study run basic-block-order --scale smoke --seeds 1 --dataset shapes10/);
  assert.match(markdown, /^\| instruction sets \| \S/m);
  const html = await readFile(join(folder.path, 'report/smoke.html'), 'utf8');
  assert.equal(html.match(/<svg /g)?.length, 3, 'differences, loss and accuracy');
  assert.doesNotMatch(html, /(?:src|href)="(?!data:)/, 'needs no other file');

  // Every figure of the table is that of the database.
  const { rows } = await db.pool.query<{ ordering: string; mean: number; code: string }>(
    `SELECT ordering, avg(test_accuracy) AS mean, min(code) AS code FROM reporting.runs WHERE sweep = 'study basic-block-order (smoke, 1 seeds, shapes10)' GROUP BY ordering`,
  );
  assert.deepEqual(rows.map(({ ordering }) => ordering).sort(), ['preActivation', 'v1', 'v2', 'v3']);
  for (const { ordering, mean } of rows)
    assert.match(markdown, new RegExp(`^\\| \\d \\| ${ordering} \\| 1 \\| ${(100 * mean).toFixed(2)} \\|`, 'm'));
  const stored = await readResults(folder.path, 'smoke');
  assert.equal(stored?.runs.length, 4);
  assert.equal(stored?.curves.length, 4 * 4, 'four metrics of one epoch for each config');

  // The same command follows the same sweep; without the service the same report is made.
  assertDone(await run());
  assert.equal((await db.pool.query('SELECT FROM sweep')).rowCount, 1);

  await t.test('a study with pictures looks inside the runs that it trained', async () => {
    const out = join(folder.path, 'maps');
    const place = ['--scale', 'smoke', '--dataset', 'shapes10', '--out', out];
    assertDone(await ablate(['study', 'run', 'attention-maps', ...place], { env }));
    const pictures = (await readResults(out, 'smoke'))?.pictures ?? [];
    assert.deepEqual(
      pictures.map((name) => name.slice(0, 1)),
      ['1', '2', '3'],
    );
    const page = await readFile(join(out, 'report/smoke.html'), 'utf8');
    assert.equal(page.match(/<img src="data:image\/png;base64,[A-Za-z0-9+/=]{1000,}"/g)?.length, 3);
    const table = await readFile(join(out, 'results/smoke/which-patch-matters-most.csv'), 'utf8');
    assert.match(table, /^disc,\w+,"row \d, column \d",[\d.]+,"row \d, column \d",-?[\d.]+$/m);
  });

  const without = await ablate(['study', 'report', 'basic-block-order', ...place, '--html'], {
    env: { ABLATE_API_URL: 'http://127.0.0.1:9' },
  });
  assertDone(without);
  assert.match(without.err, /no service answers/);
  assert.equal(await readFile(join(folder.path, 'report/smoke.md'), 'utf8'), markdown);
  assert.equal(await readFile(join(folder.path, 'report/smoke.html'), 'utf8'), html);
});

const refuse = async (args: string[], code: number, line: RegExp) => {
  const ended = await ablate(['study', ...args], { env: { ABLATE_API_URL: 'http://127.0.0.1:9' } });
  assert.equal(ended.code, code, ended.err);
  assert.match(ended.err, line);
  assert.equal(
    ended.err
      .trim()
      .split('\n')
      .filter((one) => !/^no service answers/.test(one)).length,
    1,
    ended.err,
  );
};

test('wrong names, missing results, and a scale that the data cannot fill: one line that says what to do', async () => {
  await refuse(['plan', 'vit-knob'], 2, /^unknown study "vit-knob": attention-maps, /);
  await refuse(
    ['plan', 'data-set-size', '--scale', 'full', '--dataset', 'shapes10'],
    2,
    /dataset\.samples: samples \d+ is more than the 10000 training images of shapes10.*Choose a smaller scale or other data/,
  );
  await refuse(
    ['report', 'vit-knobs', '--scale', 'smoke'],
    1,
    /has no results at scale smoke: `npx ablate study run vit-knobs --scale smoke` makes them/,
  );
  await refuse(['run', 'vit-knobs', '--scale', 'smoke'], 3, /no API responds.*npm start/);
  await refuse(
    ['plan', 'vit-knobs', '--dataset', 'photos'],
    2,
    /^unknown data set "photos": cifar10, .*docs\/data\.md/,
  );
  await refuse(['report'], 2, /give the name of a study, or --all/);
});

/** Networks with the parts of the real ones, small enough for a test. */
const CLIP = {
  family: 'clip',
  imageSize: 64,
  embedding: 6,
  vision: { depths: [1, 1, 1, 1], width: 4, heads: 4 },
  text: { context: 20, vocabulary: 49_408, width: 8, heads: 2, depth: 1 },
};
const RESNET = {
  family: 'resnet',
  block: 'bottleneck',
  stem: 'imagenet',
  imageSize: 64,
  classes: 2,
  depths: [1, 1, 1, 1],
  widths: [4, 8, 16, 32],
};

test('clip-vs-resnet50: with random weights every table is made; without weights the report says so', async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const at = (...parts: string[]) => join(folder.path, ...parts);
  await writeFile(at('clip.json'), JSON.stringify(CLIP));
  await writeFile(at('resnet.json'), JSON.stringify(RESNET));
  const models = ['--clip-model', at('clip.json'), '--resnet-model', at('resnet.json'), '--out', folder.path];
  await refuse(['run', 'clip-vs-resnet50', '--clip', at('none'), ...models], 2, /give both --clip and --resnet/);
  await refuse(
    ['run', 'clip-vs-resnet50', '--clip', at('none'), '--resnet', at('none'), ...models],
    2,
    /cannot read the weights .*none: ENOENT/,
  );
  await refuse(
    [
      'run',
      'clip-vs-resnet50',
      '--clip',
      at('clip.json'),
      '--clip-sha256',
      'ab',
      '--resnet',
      at('resnet.json'),
      ...models,
    ],
    2,
    /clip\.json has the SHA-256 [0-9a-f]{64}, not ab: download it again/,
  );
  for (const [i, name] of ['cat', 'dog'].entries()) {
    await mkdir(at('pictures', name), { recursive: true });
    for (const n of [1, 2, 3]) {
      const pixels = Uint8Array.from({ length: 80 * 70 * 3 }, (_, p) => (p * (3 + i + n)) % 256);
      await writeFile(at('pictures', name, `${n}.png`), encodePng({ width: 80, height: 70, pixels }));
    }
  }
  const { merges }: { merges: Record<string, string> } = JSON.parse(
    await readFile(join(REPOSITORY, 'test/fixtures/models/tokens.json'), 'utf8'),
  );
  // A file of CLIP's length: the real merges where a text needs them, pairs that no text has elsewhere.
  const lines = Array.from({ length: 48_894 }, (_, rank) => merges[rank] ?? `\u{10fffd}${rank} \u{10fffd}`);
  const vocabulary = at('merges.txt');
  await writeFile(vocabulary, ['#version: 0.2', ...lines, 'more merges', ''].join('\n'));
  const given = ['--seed', '1', '--runs', '2', '--input', at('pictures'), '--vocabulary', vocabulary];
  const ended = await ablate(['study', 'run', 'clip-vs-resnet50', ...given, ...models], {
    env: { ABLATE_HOME: TEST_HOME },
  });
  assertDone(ended);
  assert.match(ended.out, /^Not run with pretrained weights/);
  const markdown = await readFile(at('report/cpu.md'), 'utf8');
  assert.match(markdown, /^\| cat \| 3 \| \d+\.\d \| \d+\.\d \| 100\.0 \| 100\.0 \| 0 \| 0 \|$/m);
  assert.match(markdown, /^\| CLIP \| fp32 \| \d+\.\d \| \d+\.\d \| \d+ \|/m);
  assert.match(markdown, /random values of seed 1/);
  assert.match(markdown, /^\| layer4 \| \d+ \| \d+ \| [\d.]+ \| \d+ \| \d+ \| [\d.]+ \|$/m);
});

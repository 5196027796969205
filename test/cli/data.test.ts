import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataset } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { PNG } from 'pngjs';
import { z } from 'zod';
import { imageFolder, png, tarEntries, writeFolder, writeTar } from '../data/archives.ts';
import { ablate, assertDone } from './command-line.ts';

function home() {
  const folder = temporaryFolder();
  const data = join(folder.path, 'images');
  const cache = join(folder.path, 'cache');
  return { data, cache, env: { ABLATE_HOME: folder.path, ABLATE_DATA: data } };
}
const Packed = z.object({ hash: z.string(), train: z.int(), test: z.int() });

test('data sets are listed, packed, shown and verified from the command line', async () => {
  const { data, cache, env } = home();
  await mkdir(data);
  await writeTar(join(data, 'set.tar'), tarEntries(imageFolder()));

  await mkdir(join(data, 'dangling', 'train'), { recursive: true });
  await symlink(join(data, 'gone.tar'), join(data, 'dangling', 'train', 'shard.tar'));
  const before = await ablate(['data', 'list'], { env });
  assertDone(before);
  assert.match(before.out, /^dangling /m, 'a dangling link does not end the list');
  assert.match(before.out, /^set +image-folder +.*set\.tar$/m);
  const unpacked = await ablate(['data', 'show', 'set'], { env });
  assert.deepEqual([unpacked.code, /ablate data pack set/.test(unpacked.err)], [1, true], unpacked.err);

  const dry = await ablate(['data', 'pack', 'set', '--dry-run'], { env });
  assertDone(dry);
  assert.match(dry.out, /set\.tar \(image-folder\) would be packed: .*\.bin/);
  await assert.rejects(readdir(cache), /ENOENT/, 'a dry run writes nothing');

  const packed = await ablate(['data', 'pack', 'set', '--json'], { env });
  assertDone(packed);
  const { hash, train, test } = Packed.parse(JSON.parse(packed.out));
  assert.deepEqual([train, test], [6, 2]);
  const shown = await ablate(['data', 'show', 'set', '--verify'], { env });
  assertDone(shown);
  assert.match(shown.out, new RegExp(`sha256 +${hash}`));
  assert.match(shown.out, /cat 3, dog 3/);

  const copy = (await readdir(cache)).find((name) => name.endsWith('.bin')) ?? '';
  const bytes = await readFile(join(cache, copy));
  bytes[bytes.length - 1] = 255 - (bytes.at(-1) ?? 0);
  await writeFile(join(cache, copy), bytes);
  const damaged = await ablate(['data', 'show', 'set', '--verify'], { env });
  assert.deepEqual(
    [damaged.code, /SHA-256 mismatch: .* is damaged; pack it again/.test(damaged.err)],
    [1, true],
    damaged.err,
  );
});

const Listed = z.array(
  z.looseObject({
    name: z.string().nullable(),
    copies: z.array(z.looseObject({ state: z.string(), imageSize: z.int().nullable() })).optional(),
  }),
);

test('packed copies are listed with their size, state and choice, and removed', async () => {
  const { data, cache, env } = home();
  const files = imageFolder();
  files.set('train/cat/scan.heic', Buffer.from('x'));
  files.set('test/dog/copy.png', files.get('train/cat/1.png') ?? Buffer.alloc(0));
  await writeFolder(join(data, 'Set One'), files);
  await mkdir(join(data, '狗'));
  for (const imageSize of [undefined, 16])
    await openDataset({ name: 'set-one', imageSize }, { folders: [data], cache });
  const listed = await ablate(['data', 'list'], { env });
  assert.match(listed.out, /^set-one +image-folder +yes +8 +6 +3 +2 +2 kB +.*\S+Set One$/m);
  assert.match(listed.out, /^set-one +image-folder +yes +16 +6 +3 +2 +7 kB +image size 16 +.*Set One$/m);
  assert.match(listed.err, /狗 has no name that a spec can use .*: rename it: mv /);

  const shown = await ablate(['data', 'show', 'set-one'], { env });
  assert.match(shown.out, /^test in train +1 images with equal pixels: test\/dog\/copy\.png$/m);
  assert.match(shown.out, /^left out +1 files of other kinds: train\/cat\/scan\.heic$/m);
  assert.match(shown.out, /^note +1 test image of 3 also in the training set/m);
  const other = await ablate(['data', 'show', 'set-one', '--image-size', '32', '--skip-broken'], { env });
  assert.match(
    other.err,
    /is not packed with these options \(packed: .*image size 16.*\): `npx ablate data pack set-one --image-size 32 --skip-broken`/,
  );

  await writeFile(join(data, 'Set One', 'train', 'cat', 'new.txt'), 'x');
  const changed = await ablate(['data', 'show', 'set-one'], { env });
  assert.match(changed.err, /Set One\) has changed since it was packed: `npx ablate data pack set-one`/);
  const old = join(cache, (await readdir(cache)).find((name) => name.endsWith('.json')) ?? '');
  const manifest = JSON.parse(await readFile(old, 'utf8'));
  await writeFile(old, JSON.stringify({ ...manifest, version: 1 }));
  const answer = await ablate(['data', 'list', '--json'], { env });
  const copies = Listed.parse(JSON.parse(answer.out)).find(({ name }) => name === 'set-one')?.copies;
  assert.deepEqual(copies?.map(({ state, imageSize }) => [state, imageSize]).sort(), [
    ['changed', manifest.shape[0] === 8 ? 16 : 8],
    ['outdated', null],
  ]);
  const dry = await ablate(['data', 'rm', 'set-one', '--dry-run'], { env });
  assertDone(dry);
  assert.equal(dry.out.match(/would be removed/g)?.length, 2, dry.out);
  assert.equal((await readdir(cache)).length, 4);
  assertDone(await ablate(['data', 'rm', 'set-one'], { env }));
  assert.deepEqual(await readdir(cache), []);
  const none = await ablate(['data', 'rm', 'set-one'], { env });
  assert.deepEqual([none.code, /no packed copy of "set-one"/.test(none.err)], [1, true], none.err);
});

test('a contact sheet shows what a spec trains on', async () => {
  const { data, env } = home();
  const files = imageFolder();
  files.set(
    'train/emu/0.png',
    png(24, () => [200, 2, 7]),
  );
  files.set('train/cat/broken.png', Buffer.from('x'));
  await writeFolder(join(data, 'set'), files);
  const spec = join(data, 'spec.json');
  const dataset = {
    name: 'set',
    imageSize: 16,
    classes: ['cat', 'dog'],
    skipBroken: true,
    samples: 4,
    validation: 0.5,
  };
  await writeFile(
    spec,
    JSON.stringify({ version: 1, name: 'x', dataset, seeds: [1], augment: 'none', train: { batchSize: 2 } }),
  );
  const out = join(data, 'sheet.png');
  const words = ['augment', '--spec', spec, '--out', out, '--images', '10', '--epochs', '1'];
  assertDone(await ablate(words, { env }));
  const sheet = PNG.sync.read(await readFile(out));
  // Two images are trained on, one of each class (green), at 16 pixels enlarged to 64.
  const columns = [0, 1].map((column) => sheet.data[(4 * sheet.width + sheet.width - (2 - column) * 68) * 4 + 1]);
  assert.deepEqual(columns, [0, 1]);
});

test('an invalid data set is reported in one line', async () => {
  const { data, env } = home();
  await mkdir(data);
  const refused = async (args: string[], message: RegExp) => {
    const { code, err } = await ablate(['data', 'pack', ...args], { env });
    assert.notEqual(code, 0);
    assert.match(err, message);
    assert.equal(err.replace('(use --help for usage)', '').trim().split('\n').length, 1, err);
  };
  await refused(['nothing'], /"nothing" not found in/);
  await refused(['../etc'], /dataset\.name/);
  await refused(['shapes10', '--classes', 'horse,unicorn'], /dataset\.classes: unknown class horse, unicorn/);
  await refused(['shapes10', '--image-size', 'big'], /image-size/);
});

test('after a crash, packing resumes from the last flushed image and writes the same bytes', async () => {
  const [killed, whole] = [home(), home()];
  const words = ['data', 'pack', 'shapes10', '--image-size', '64', '--json'];
  const child = spawn(process.execPath, [join(REPOSITORY, 'apps/cli/bin/ablate.mjs'), ...words], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...killed.env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const find = async (ending: string) =>
    (await readdir(killed.cache).catch(() => [])).find((name) => name.endsWith(ending));
  for (;;) {
    const journal = await find('.journal');
    if (journal && (await stat(join(killed.cache, journal))).size > 0) break;
    assert.equal(child.exitCode, null, 'packing finished before it was killed');
    await sleep(20);
  }
  child.kill('SIGKILL');
  await ended;
  assert.ok(await find('.lock'), 'the lock of the killed process remains');
  const [journal = '', part = ''] = [await find('.journal'), await find('.part')];
  const kept = (await readFile(join(killed.cache, journal), 'utf8')).split('\n').length;
  const { ino } = await stat(join(killed.cache, part));
  assert.ok(kept > 1 && ino > 0);

  const [resumed, undisturbed] = await Promise.all([ablate(words, killed), ablate(words, whole)]);
  assertDone(resumed);
  assertDone(undisturbed);
  assert.deepEqual(JSON.parse(resumed.out), JSON.parse(undisturbed.out));
  assert.ok((await readdir(killed.cache)).every((name) => /\.(bin|json)$/.test(name)));
});

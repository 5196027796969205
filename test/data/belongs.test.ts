/** What belongs to a data set: each file of a source is read, left out with a reason, or the data set is refused. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { PackChoice } from '@ablate/contracts';
import { datasetsIn, findDataset, IMAGE_EXTENSIONS, inspectDataset, openDataset } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { imageFolder, png, tarEntries, writeFolder, writeTar } from './archives.ts';

type Files = Map<string, Buffer>;

function home() {
  const { path } = temporaryFolder();
  const data = join(path, 'data');
  const options = { folders: [data], cache: join(path, 'cache') };
  const open = (name: string, choice: Omit<PackChoice, 'name'> = {}) => openDataset({ name, ...choice }, options);
  return {
    data,
    options,
    open,
    async manifest(name: string, choice: Omit<PackChoice, 'name'> = {}) {
      await open(name, choice);
      const { manifest } = await inspectDataset({ name, ...choice }, options);
      assert.ok(manifest);
      return manifest;
    },
  };
}

let drawn = 0;
/** An image that differs from all others. */
const image = () => {
  const number = ++drawn;
  return png(8, (x, y) => [number % 256, number >> 8, x + 8 * y]);
};
const files = (...paths: string[]): Files => new Map(paths.map((path) => [path, image()]));
const plain = () => files(...[...imageFolder().keys()]);
const moved = (from: string, to: string) =>
  new Map([...plain()].map(([path, bytes]) => [path.replace(from, to), bytes]));

test('several splits in one folder are refused, and both are named', async () => {
  const { data, open } = home();
  const cases: Record<string, [string[], RegExp]> = {
    folds: [
      ['fold0', 'fold1'].flatMap((fold) => [...plain().keys()].map((path) => `${fold}/${path}`)),
      /found fold0\/t\w+ and fold1\/t\w+, but a data set has one/,
    ],
    masks: [
      [...plain().keys()].flatMap((path) => [`images/${path}`, `masks/${path}`]),
      /found images\/t\w+ and masks\/t\w+/,
    ],
    crossed: [['a/train/cat/1.png', 'a/train/dog/1.png', 'b/test/cat/1.png'], /found a\/train and b\/test/],
    twice: [[...plain().keys(), 'Train/cat/x.png'], /found (Train and train|train and Train)/],
    vals: [[...plain().keys(), 'val/cat/x.png', 'valid/cat/x.png'], /found val and valid/],
  };
  for (const [name, [paths, message]] of Object.entries(cases)) {
    await writeFolder(join(data, name), files(...paths));
    await assert.rejects(open(name), message, name);
    await writeTar(join(data, `${name}-tar.tar`), tarEntries(files(...paths)));
    await assert.rejects(open(`${name}-tar`), message, `${name} in a tar`);
  }
  const shard = async (path: string) =>
    writeTar(
      join(data, path),
      tarEntries(
        new Map([
          ['0.png', image()],
          ['0.cls', Buffer.from('0')],
        ]),
      ),
    );
  for (const path of ['a/train-0.tar', 'a/test-0.tar', 'b/train-0.tar', 'b/test-0.tar']) await shard(`shards/${path}`);
  await assert.rejects(open('shards'), /found a\/t\w+ and b\/t\w+/);
  const parquet = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'label', data: [1, 2] }] }));
  await writeFolder(
    join(data, 'configs'),
    new Map(['coarse/train-0.parquet', 'fine/train-0.parquet'].map((path) => [path, parquet])),
  );
  await assert.rejects(open('configs'), /found coarse\/train and fine\/train/);
});

test('images in two sets are counted by their pixels', async () => {
  const { data, manifest } = home();
  const set = plain();
  set.set('test/dog/copy.png', set.get('train/cat/1.png') ?? Buffer.alloc(0));
  set.set('val/cat/copy.png', set.get('train/cat/2.png') ?? Buffer.alloc(0));
  set.set('val/cat/other.png', set.get('test/cat/9.png') ?? Buffer.alloc(0));
  await writeFolder(join(data, 'set'), set);
  const { shared, notes } = await manifest('set');
  assert.deepEqual(shared, [
    { set: 'test', with: 'train', count: 1, first: ['test/dog/copy.png'] },
    { set: 'test', with: 'validation', count: 1, first: ['test/cat/9.png'] },
    { set: 'validation', with: 'train', count: 1, first: ['val/cat/copy.png'] },
  ]);
  assert.ok(
    notes.includes('1 test image of 3 also in the training set (equal pixels), such as test/dog/copy.png'),
    `${notes}`,
  );
  await writeFolder(join(data, 'apart'), plain());
  assert.deepEqual(
    (await manifest('apart')).shared.map(({ count }) => count),
    [0],
  );
});

test('files of other kinds are told, and so are classes without test images', async () => {
  const { data, open, manifest } = home();
  const set = new Map([
    ...plain(),
    ...files('train/emu/0.jfif', 'train/emu/1.JPE', 'train/emu/2.heic', 'test/emu/0.ppm'),
  ]);
  set.set('train/cat/readme.txt', Buffer.from('text'));
  set.set('LICENSE', Buffer.from('text'));
  await writeFolder(join(data, 'set'), set);
  const { classes, leftOut, notes, testPerClass } = await manifest('set');
  assert.deepEqual(classes, ['cat', 'dog', 'emu']);
  assert.deepEqual(testPerClass, [1, 1, 0]);
  assert.deepEqual(leftOut.map(({ reason, count, first }) => [reason, count, first.sort()]).sort(), [
    ['files of other kinds', 2, ['test/emu/0.ppm', 'train/emu/2.heic']],
    ['files that the format does not use', 2, ['LICENSE', 'train/cat/readme.txt']],
  ]);
  assert.deepEqual(notes.sort(), [
    '1 class has no test images, such as "emu"',
    '2 files of other kinds left out, such as test/emu/0.ppm',
  ]);
  await writeFolder(
    join(data, 'heic'),
    new Map([...set].map(([path, bytes]) => [path.replace(/png$/, 'heic'), bytes])),
  );
  await assert.rejects(
    open('heic'),
    /data set "heic": .*0 test images.*; \d+ files of other kinds left out, such as test\/cat\/9\.heic/,
  );
});

test('every kind of image in the table of extensions is decoded', async () => {
  const { data, open } = home();
  const pixels = Buffer.alloc(192, 90);
  const raw = sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } });
  // BITMAPFILEHEADER and BITMAPINFOHEADER: 8 × 8 pixels of 24 bits.
  const bmp = Buffer.concat([Buffer.alloc(54), pixels]);
  bmp.write('BM');
  for (const [at, value] of [
    [2, bmp.length],
    [10, 54],
    [14, 40],
    [18, 8],
    [22, 8],
  ] as const)
    bmp.writeUInt32LE(value, at);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  const [jpeg, webp, tiff] = await Promise.all([raw.jpeg().toBuffer(), raw.webp().toBuffer(), raw.tiff().toBuffer()]);
  const written: Record<string, Buffer> = {
    jpg: jpeg,
    png: image(),
    apng: image(),
    webp,
    tif: tiff,
    tiff,
    bmp,
    dib: bmp,
  };
  const set = new Map([
    ...plain(),
    ...IMAGE_EXTENSIONS.map((extension) => [`train/cat/x.${extension}`, written[extension] ?? jpeg] as const),
  ]);
  await writeFolder(join(data, 'set'), set);
  assert.equal((await open('set')).train.count, 6 + IMAGE_EXTENSIONS.length);
});

const SYSTEM = [
  'train/cat/._0.png',
  '__MACOSX/train/cat/._0.png',
  'train/.ipynb_checkpoints/0-checkpoint.png',
  'train/cat/.ipynb_checkpoints/0-checkpoint.png',
  '.hidden/train/cat/0.png',
  'train/.DS_Store',
  'test/Thumbs.db',
  'train/cat/desktop.ini',
  'train/@eaDir/cat/0.png',
];

test('hidden files and files of operating systems are never a class nor a refusal', async () => {
  const { data, manifest } = home();
  const good = plain();
  const set = new Map([...good, ...SYSTEM.map((path) => [path, Buffer.from('no image')] as const)]);
  await writeFolder(join(data, 'folder'), set);
  await writeTar(join(data, 'tar.tar'), tarEntries(set));
  await writeFolder(join(data, 'clean'), good);
  const clean = await manifest('clean');
  for (const name of ['folder', 'tar']) {
    const { sha256, classes, leftOut } = await manifest(name);
    assert.deepEqual([sha256, classes], [clean.sha256, ['cat', 'dog']], name);
    assert.deepEqual(
      leftOut.map(({ count, first }) => [count, first.sort()]),
      [[SYSTEM.length, [...SYSTEM].sort()]],
    );
  }
});

test('names in other encodings: decomposed class names are one class, bytes that are not UTF-8 are told', async () => {
  const { data, manifest } = home();
  const names = (form: string) => files(`train/cafe\u0301/${form}.png`.normalize(form));
  const set = new Map([...plain(), ...names('NFC'), ...names('NFD'), ...files('test/caf\u00e9/1.png')]);
  await writeFolder(join(data, 'set'), set);
  await writeFile(
    Buffer.concat([Buffer.from(join(data, 'set', 'train', 'cat', 'x')), Buffer.from([0xff]), Buffer.from('.png')]),
    image(),
  );
  const { classes, perClass, notes } = await manifest('set', { classes: ['cat', 'dog', 'cafe\u0301'] });
  assert.deepEqual(
    [classes, perClass],
    [
      ['caf\u00e9', 'cat', 'dog'],
      [2, 3, 3],
    ],
  );
  assert.match(notes.join(), /1 file that cannot be opened left out, such as train\/cat\/x\uFFFD\.png/);
});

test('archives beside the class folders are left over, and do not change the format', async () => {
  const { data, manifest } = home();
  const set = new Map([...moved('test/', 'val/'), ['ILSVRC2012_img_train.tar', Buffer.from('x')]]);
  for (const path of ['train/n01.tar', 'labels.parquet', 'train/cat/more.zip', 'devkit.tar.gz'])
    set.set(path, Buffer.from('x'));
  await writeFolder(join(data, 'imagenet'), set);
  const { counts, notes } = await manifest('imagenet');
  assert.deepEqual([counts.train, counts.test], [6, 2]);
  assert.match(notes.join(), /5 files of other kinds left out, such as ILSVRC2012_img_train\.tar/);
});

test('sets have their usual names in any case; images without a class folder are told', async () => {
  const { data, open, manifest } = home();
  for (const [train, test] of [
    ['Train', 'Test'],
    ['TRAINING', 'testing'],
    ['train', 'Val'],
    ['Training', 'valid'],
    ['train', 'validation'],
  ]) {
    const name = `${train}-${test}`.toLowerCase();
    await writeFolder(
      join(data, name),
      new Map([...plain()].map(([path, bytes]) => [path.replace('train', train!).replace('test', test!), bytes])),
    );
    const found = await open(name);
    assert.deepEqual([found.train.count, found.test.count], [6, 2], name);
  }
  // Kaggle: labelled validation images, and test images without labels.
  const kaggle = new Map([...moved('test/', 'valid/'), ...files('test/0.png', 'test/1.png')]);
  await writeFolder(join(data, 'kaggle'), kaggle);
  const { counts, notes, splitRule } = await manifest('kaggle');
  assert.deepEqual([counts.train, counts.test], [6, 2]);
  assert.match(splitRule, /no labelled test images: its validation images are the test set/);
  assert.match(notes.join(), /2 images without a class folder left out, such as test\/0\.png/);
  const flat = [...kaggle].filter(([path]) => !path.startsWith('valid'));
  await writeFolder(join(data, 'unlabelled'), new Map(flat));
  await assert.rejects(
    open('unlabelled'),
    /data set "unlabelled": .*found 6 training and 0 test images; expected .* move a part .*; 2 images without a class folder left out, such as test\/0\.png/,
  );
});

test('links are followed: to files, to folders, and not in circles', async () => {
  const { data, options, open, manifest } = home();
  const set = plain();
  await writeFolder(join(dirname(data), 'blobs'), set);
  for (const path of set.keys()) {
    await mkdir(dirname(join(data, 'set', path)), { recursive: true });
    await symlink(join(dirname(data), 'blobs', path), join(data, 'set', path));
  }
  await symlink(join(data, 'set'), join(data, 'set', 'train', 'cat', 'loop'));
  await symlink('self', join(data, 'set', 'train', 'cat', 'self'));
  await writeFolder(join(data, 'real'), set);
  const linked = await manifest('set');
  assert.equal(linked.sha256, (await manifest('real')).sha256);
  assert.match(linked.notes.join(), /1 link in a circle, pipe, socket or device left out, such as train\/cat\/loop/);
  await symlink(join(data, 'real'), join(data, 'alias'));
  assert.equal((await findDataset('alias', options))?.path, join(data, 'alias'));
  assert.equal((await open('alias')).hash, linked.sha256);

  await symlink(join(data, 'gone.png'), join(data, 'real', 'train', 'cat', 'gone.png'));
  await assert.rejects(
    open('real'),
    /train\/cat\/gone\.png: is a link to a missing file; repair or remove it, or set dataset\.skipBroken/,
  );
  assert.deepEqual((await manifest('real', { skipBroken: true })).broken, {
    count: 1,
    first: ['train/cat/gone.png: is a link to a missing file'],
  });
  await symlink(join(data, 'gone'), join(data, 'real', 'train', 'emu'));
  assert.match(
    (await manifest('real', { skipBroken: true })).notes.join(),
    /1 file that cannot be opened left out, such as train\/emu/,
  );
});

test('WebDataset keys with dots lose no sample', async () => {
  const { data, open, manifest } = home();
  const write = async (name: string, fields: Record<string, string | Buffer>) => {
    const entries = (set: string) =>
      tarEntries(
        new Map(
          Object.entries(fields).map(([path, value]) => [
            path,
            typeof value === 'string' ? Buffer.from(value) : set === 'train' ? value : image(),
          ]),
        ),
      );
    for (const set of ['train', 'test']) await writeTar(join(data, name, `${set}-0.tar`), entries(set));
  };
  const twelve = (key: (i: number) => string) =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [
        [`${key(i)}.png`, image()] as const,
        [`${key(i)}.cls`, String(i % 2)] as const,
      ]).flat(),
    );
  await write(
    'dots',
    twelve((i) => `00${i}.v1`),
  );
  await write(
    'half',
    twelve((i) => (i % 2 ? `00${i}` : `00${i}.v1`)),
  );
  await write(
    'versions',
    twelve((i) => `${Math.floor(i / 2)}.v${i % 2}`),
  );
  for (const name of ['dots', 'half', 'versions']) assert.equal((await open(name)).train.count, 12, name);
  await write('one-label', { '0.v1.png': image(), '0.cls': '0', '1.v1.png': image(), '1.cls': '1' });
  assert.equal((await open('one-label')).train.count, 2);

  await write('masks', { '0.png': image(), '0.mask.png': image(), '0.cls': '0', '1.png': image(), '1.cls': '1' });
  const masks = await manifest('masks');
  assert.equal(masks.counts.train, 2);
  assert.match(masks.notes.join(), /2 further images of samples left out, such as test-0\.tar\/0\.mask\.png/);
  await write('ambiguous', { '0.left.png': image(), '0.right.png': image(), '0.cls': '0' });
  await assert.rejects(
    open('ambiguous'),
    /test-0\.tar\/0: 2 images and 1 labels; name each label like its image, such as 0\.left\.cls/,
  );
  await write('heic', {
    '0.png': image(),
    '0.cls': '0',
    '1.png': image(),
    '1.cls': '1',
    '2.heic': image(),
    '2.cls': '1',
  });
  assert.match(
    (await manifest('heic')).notes.join(),
    /2 files of other kinds left out.*2 labels without an image left out/,
  );
});

test('equal class names of a numbered source are kept apart; classnames.txt may be UTF-16', async () => {
  const { data, open } = home();
  const write = async (names: Buffer) => {
    await writeFolder(join(data, 'twins'), new Map([['classnames.txt', names]]));
    for (const set of ['train', 'test'])
      await writeTar(
        join(data, 'twins', `${set}-0.tar`),
        tarEntries(
          new Map(
            [0, 1, 2, 3].flatMap(
              (i) =>
                [
                  [`${i}.png`, image()],
                  [`${i}.cls`, Buffer.from(`${i}`)],
                ] as const,
            ),
          ),
        ),
      );
  };
  await write(Buffer.from('tench\r\nmissile\r\ncrane\r\nmissile\r\n'));
  assert.deepEqual((await open('twins')).classes, ['tench', 'missile (1)', 'crane', 'missile (3)']);
  await write(Buffer.from('\uFEFFtench\nmissile\ncrane\nowl\n', 'utf16le'));
  assert.deepEqual((await open('twins')).classes, ['tench', 'missile', 'crane', 'owl']);
  await write(Buffer.from('tench\n\ncrane\nowl\n'));
  await assert.rejects(open('twins'), /classnames\.txt: line 2: expected the name of class 1/);
  await write(Buffer.from([0x61, 0xff, 0x62]));
  await assert.rejects(open('twins'), /classnames\.txt: is not UTF-8 text/);
  await write(Buffer.from('a\0b\nb\nc\nd'));
  await assert.rejects(open('twins'), /line 1: expected the name of class 0, found "a\\u0000b"/);
});

test('a change of any file is seen: overwritten in place with its times, added at any depth, mended', async () => {
  const { data, open } = home();
  const root = join(data, 'set');
  await writeFolder(root, plain());
  const first = await open('set');
  assert.equal((await open('set')).hash, first.hash);
  const changed = join(root, 'train/cat/1.png');
  await writeFile(changed, image());
  await utimes(changed, new Date(1e12), new Date(1e12));
  const second = await open('set');
  assert.notEqual(second.hash, first.hash);
  // Same size and modification time, as `cp -p` and `rsync -t` leave them.
  const bytes = await readFile(changed);
  let other = image();
  while (other.length !== bytes.length) other = image();
  await writeFile(changed, other);
  await utimes(changed, new Date(1e12), new Date(1e12));
  const third = await open('set');
  assert.notEqual(third.hash, second.hash);
  await writeFolder(root, files('train/cat/a/b/c/d/deep.png'));
  assert.equal((await open('set')).train.count, 7);
  await writeFile(join(root, 'train/dog/broken.png'), 'broken');
  assert.equal((await open('set', { skipBroken: true })).train.count, 7);
  await writeFile(join(root, 'train/dog/broken.png'), image());
  assert.equal((await open('set', { skipBroken: true })).train.count, 8);
  await rename(join(root, 'train/dog/broken.png'), join(root, 'train/cat/broken.png'));
  assert.deepEqual([...(await open('set', { skipBroken: true })).train.labels], [0, 0, 0, 0, 0, 1, 1, 1]);
  await rm(join(root, 'train/cat/a'), { recursive: true });
  assert.equal((await open('set')).train.count, 7);
});

test('folders with capitals and blanks have a name; archives of other kinds are found, with the command to unpack', async () => {
  const { data, options, open } = home();
  await writeFolder(join(data, 'Imagenette 2'), plain());
  await writeFolder(join(data, '狗'), plain());
  await writeFolder(
    data,
    new Map([
      ['photos.zip', Buffer.from('PK')],
      ['Old Photos.tar.xz', Buffer.from('x')],
      ['notes.md', Buffer.from('x')],
    ]),
  );
  const { names, nameless } = await datasetsIn(options.folders);
  assert.deepEqual(names, ['imagenette-2', 'old-photos', 'photos']);
  assert.deepEqual(
    nameless.map(({ path }) => path),
    [join(data, '狗')],
  );
  assert.match(nameless[0]?.remedy ?? '', /^rename it: mv '.*狗' /);
  assert.equal((await open('imagenette-2')).train.count, 6);
  await assert.rejects(
    open('photos'),
    /data set "photos": .*photos\.zip: .* unpack it: unzip .*photos\.zip'? -d .*\/photos'?$/,
  );
  await assert.rejects(
    open('old-photos'),
    /mkdir .*old-photos'? && tar -xf '.*Old Photos\.tar\.xz' -C .*old-photos'?$/,
  );
  await writeFolder(join(data, 'photos'), plain());
  assert.equal((await open('photos')).train.count, 6);
  await writeFolder(join(data, 'imagenette_2'), plain());
  await mkdir(join(data, 'IMAGENETTE 2'));
  await assert.rejects(
    open('imagenette-2'),
    /data set "imagenette-2": .*IMAGENETTE 2: .*Imagenette 2 has the same name; rename one/,
  );
  await writeFolder(join(data, 'imagenette-2'), plain());
  assert.equal((await open('imagenette-2')).train.count, 6, 'an exact name comes first');
  // A folder of the search path that is itself a data set.
  assert.deepEqual((await datasetsIn([join(data, 'photos')])).names, ['photos']);
});

const NAMES = ['train', 'Train', 'val', 'test', 'fold0', 'cat', 'dog', 'emu', '.hidden', '__MACOSX', 'a.b', 'x'];
const ENDINGS = ['png', 'jpg', 'PNG', 'jfif', 'webp', 'bmp', 'tif', 'gif', 'txt', 'tar', 'zip', '', 'heic'];
const IMAGE = /\.(png|jpe?g|jfif|webp|bmp|tiff?|gif|heic)$/i;
const anyPath = fc
  .tuple(
    fc.array(fc.constantFrom(...NAMES), { maxLength: 4 }),
    fc.constantFrom('0', '1', '._0', 'Thumbs'),
    fc.constantFrom(...ENDINGS),
  )
  .map(([folders, stem, ending]) => [...folders, ending ? `${stem}.${ending}` : stem].join('/'));

test('in random folders every image is read, or left out with a reason, or the data set is refused', async () => {
  let packed = 0;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyPath, { maxLength: 25 }), fc.boolean(), async (extra, asTar) => {
      const { data, manifest } = home();
      // A path cannot be a file and a folder.
      const paths = new Set([
        ...plain().keys(),
        ...extra.filter((path) => !extra.some((other) => other.startsWith(`${path}/`))),
      ]);
      const set = files(...paths);
      if (asTar) await writeTar(join(data, 'set.tar'), tarEntries(set));
      else await writeFolder(join(data, 'set'), set);
      const found = await manifest('set').catch((error: Error) => {
        assert.match(
          error.message,
          /^data set "set": .*(found \S+ and \S+, but a data set has one|has no training images)/,
        );
        return null;
      });
      if (!found) return;
      packed++;
      const { counts, leftOut } = found;
      const omitted = new Set(leftOut.flatMap(({ first }) => first));
      const images = [...paths].filter((path) => IMAGE.test(path));
      const read = images.filter((path) => !omitted.has(path));
      assert.equal(counts.train + counts.test + counts.validation, read.length);
      assert.equal(
        leftOut.reduce((sum, { count }) => sum + count, 0) + read.length,
        paths.size,
        'every file is accounted for',
      );
      for (const path of read)
        assert.match(path, /^(train|test|val)\/[^/.]+\/.*\.(png|jpg|jfif|webp|bmp|tif|gif)$/i, path);
    }),
    { seed: 11, numRuns: 60 },
  );
  assert.ok(packed > 15, `${packed} packed`);
});

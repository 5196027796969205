import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { folderEntries, openDataset, tarEntries as readTar } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';
import { imageFolder, tarEntries, writeFolder, writeTar } from './archives.ts';

const good = tarEntries(imageFolder());
const x = Buffer.from('x');

const HOSTILE = {
  'a symbolic link': [
    { header: { name: 'train/cat/a.png', type: 'symlink', linkname: '/etc/passwd' } },
    /is a symlink/,
  ],
  'a hard link': [{ header: { name: 'train/cat/a.png', type: 'link', linkname: 'train/cat/0.png' } }, /is a link/],
  'a device': [{ header: { name: 'train/cat/a.png', type: 'character-device' } }, /is a character-device/],
  'an absolute path': [{ header: { name: '/train/cat/a.png' }, bytes: x }, /is absolute/],
  'a path of another system': [{ header: { name: 'C:/train/cat/a.png' }, bytes: x }, /is absolute/],
  'a path that leaves the archive': [
    { header: { name: 'train/../../cat/a.png' }, bytes: x },
    /leaves the archive with/,
  ],
  'a backslash': [{ header: { name: 'train\\..\\a.png' }, bytes: x }, /backslash/],
  'a NUL byte': [{ header: { name: 'train/cat/a.png', pax: { path: 'train/cat/a\0.png' } }, bytes: x }, /NUL byte/],
} as const;

async function folder(): Promise<string> {
  const { path } = temporaryFolder();
  return path;
}

for (const [what, [entry, message]] of Object.entries(HOSTILE))
  test(`an archive with ${what} is refused`, async () => {
    const home = await folder();
    await writeTar(join(home, 'set.tar.gz'), [...good, entry]);
    await assert.rejects(openDataset('set', { folders: [home], cache: join(home, 'cache') }), message);
  });

test('an archive with a duplicate file is refused', async () => {
  const home = await folder();
  await writeTar(join(home, 'set.tar'), [...good, ...good.slice(0, 1)]);
  await assert.rejects(openDataset('set', { folders: [home], cache: join(home, 'cache') }), /duplicate image/);
});

async function readAll(entries: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _entry of entries) count++;
  return count;
}

const loose = { entries: 1000, fileBytes: 1e6, totalBytes: 1e6, ratio: 1e6 };

test('archives and folders above the limits are refused', async () => {
  const home = await folder();
  const tar = join(home, 'set.tar');
  await writeTar(tar, good);
  assert.equal(await readAll(readTar(tar, loose)), 8);
  await assert.rejects(readAll(readTar(tar, { ...loose, entries: 7 })), /more than 7 entries/);
  await assert.rejects(readAll(readTar(tar, { ...loose, fileBytes: 10 })), /more than 10 bytes/);
  await assert.rejects(readAll(readTar(tar, { ...loose, totalBytes: 2000 })), /more than 2000 bytes/);
  await writeFolder(join(home, 'set'), imageFolder());
  assert.equal(await readAll(folderEntries(join(home, 'set'), loose)), 8);
  await assert.rejects(readAll(folderEntries(join(home, 'set'), { ...loose, entries: 7 })), /more than 7 entries/);
  await assert.rejects(readAll(folderEntries(join(home, 'set'), { ...loose, totalBytes: 100 })), /more than 100 bytes/);
});

test('a decompression bomb is stopped while it is read', async () => {
  const home = await folder();
  await writeFile(join(home, 'bomb.tar.gz'), gzipSync(Buffer.alloc(50_000_000)));
  await assert.rejects(readAll(readTar(join(home, 'bomb.tar.gz'), loose)), /more than 1000000 bytes/);
  await assert.rejects(readAll(readTar(join(home, 'bomb.tar.gz'))), /decompresses to more than 100 times its size/);
});

test('invalid and truncated archives are refused by name', async () => {
  const home = await folder();
  await writeFile(join(home, 'a.tar.gz'), 'not gzip');
  await assert.rejects(readAll(readTar(join(home, 'a.tar.gz'))), /a\.tar\.gz: not a readable tar archive/);
  await writeTar(join(home, 'b.tar'), good);
  const tar = await readFile(join(home, 'b.tar'));
  for (const [name, cut] of Object.entries({
    'c.tar': tar.subarray(0, 1000),
    'd.tar.gz': gzipSync(tar).subarray(0, -20),
  })) {
    await writeFile(join(home, name), cut);
    await assert.rejects(
      readAll(readTar(join(home, name))),
      new RegExp(`${name}: not a readable tar archive .* download it again`),
    );
  }
  await writeFile(join(home, 'e.tar'), '');
  await assert.rejects(readAll(readTar(join(home, 'e.tar'))), /e\.tar: is empty/);
  await writeFile(join(home, 'f.tar'), 'PK\u0003\u0004 and so on');
  await assert.rejects(readAll(readTar(join(home, 'f.tar'))), /f\.tar: is a zip archive; unpack it/);
});

test('a tar that is cut between two files is refused as truncated', async () => {
  const home = await folder();
  await writeTar(join(home, 'a.tar'), [...good, { header: { name: `${'long/'.repeat(40)}x.txt` }, bytes: x }]);
  const tar = await readFile(join(home, 'a.tar'));
  const end = tar.length - 1024;
  for (let cut = 512; cut <= end; cut += 512) {
    await writeFile(join(home, 'cut.tar'), tar.subarray(0, cut));
    await assert.rejects(readAll(readTar(join(home, 'cut.tar'))), /cut\.tar: (truncated|not a readable tar)/, `${cut}`);
    await writeFile(join(home, 'cut.tar.gz'), gzipSync(tar.subarray(0, cut)));
    await assert.rejects(readAll(readTar(join(home, 'cut.tar.gz'))), /cut\.tar\.gz: (truncated|not a readable tar)/);
  }
  await writeFile(join(home, 'one-block.tar'), tar.subarray(0, end + 512));
  assert.equal(await readAll(readTar(join(home, 'one-block.tar'))), 9);
  await writeFile(join(home, 'padded.tar'), Buffer.concat([tar, Buffer.alloc(10_240)]));
  assert.equal(await readAll(readTar(join(home, 'padded.tar'))), 9);
  // The archive's last file ends in zeros, which are no end-of-archive block.
  await writeTar(join(home, 'zeros.tar'), [...good, { header: { name: 'zeros.txt' }, bytes: Buffer.alloc(2048) }]);
  const zeros = await readFile(join(home, 'zeros.tar'));
  await writeFile(join(home, 'zeros.tar'), zeros.subarray(0, -1024));
  await assert.rejects(readAll(readTar(join(home, 'zeros.tar'))), /zeros\.tar: truncated/);
});

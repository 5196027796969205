/** WebDataset: tar shards in which consecutive files with one key are a sample, and the extension names the field (github.com/webdataset/webdataset). */
import path from 'node:path';
import { DatasetError, type Sample, type SetName } from '../../dataset.ts';
import { folderEntries, tarEntries } from '../entries.ts';
import { setOfFile } from './set-names.ts';

const IMAGE = new Set(['jpg', 'jpeg', 'png', 'webp', 'img']);
const CLASS_NAMES = new Set(['classnames.txt', 'classes.txt']);
const MAX_LABEL_BYTES = 1000;
const SHARD_CAPS = { entries: 100_000, fileBytes: 64 * 2 ** 30, totalBytes: 4 * 2 ** 40, ratio: 1 };

/** Split a name at the first dot of its file name; the folder is part of the key. */
function keyAndField(name: string): [key: string, field: string] {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start);
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
}

type Group = { key: string; image?: Uint8Array; label?: string };

/** A `.cls` file contains the number of a class, or its name. */
function classOf(where: string, label: string, names: readonly string[]): Pick<Sample, 'className' | 'classIndex'> {
  if (!/^\d{1,9}$/.test(label)) {
    if (label === '' || /[\p{Cc}]/u.test(label))
      throw new DatasetError(`${where}: invalid .cls; expected a class number or name`);
    return { className: label };
  }
  const classIndex = Number(label);
  if (names.length === 0) return { className: label, classIndex };
  const className = names[classIndex];
  if (className === undefined)
    throw new DatasetError(`${where}: invalid label ${classIndex}; classnames.txt names ${names.length} classes`);
  return { className, classIndex };
}

async function* shardSamples(
  file: string,
  { shard, set, names }: { shard: string; set: SetName; names: readonly string[] },
): AsyncGenerator<Sample> {
  const finish = ({ key, image, label }: Group): Sample | null => {
    const where = `${shard}/${key}`;
    if (!image) return null;
    if (label === undefined) throw new DatasetError(`${where}: missing .cls for the image`);
    return { set, ...classOf(where, label, names), order: where, image: { bytes: image } };
  };
  let group: Group | undefined;
  for await (const { path: name, read } of tarEntries(file)) {
    const [key, field] = keyAndField(name);
    if (group && group.key !== key) {
      const sample = finish(group);
      if (sample) yield sample;
      group = undefined;
    }
    group ??= { key };
    if (IMAGE.has(field)) group.image = await read();
    else if (field === 'cls' || field === 'cls.txt') {
      const bytes = await read();
      if (bytes.length > MAX_LABEL_BYTES)
        throw new DatasetError(
          `${shard}/${name}: invalid label: ${bytes.length} bytes, expected at most ${MAX_LABEL_BYTES}`,
        );
      group.label = Buffer.from(bytes).toString('utf8').trim();
    }
  }
  const last = group && finish(group);
  if (last) yield last;
}

/** Samples of every shard below a folder. The shard's path names the set; `classnames.txt` names the classes. */
export async function* webdatasetSamples(root: string): AsyncGenerator<Sample> {
  const shards: { shard: string; set: SetName }[] = [];
  let names: string[] = [];
  // A shard may be larger than a file may be: it is opened as an archive, not read here.
  for await (const { path: name, read } of folderEntries(root, SHARD_CAPS)) {
    if (CLASS_NAMES.has(path.basename(name).toLowerCase()))
      names = Buffer.from(await read())
        .toString('utf8')
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter(Boolean);
    if (!/\.tar(\.gz)?$|\.tgz$/i.test(name)) continue;
    const set = setOfFile(name);
    if (!set) throw new DatasetError(`${name}: unknown set; its path must contain train, val or test`);
    shards.push({ shard: name, set });
  }
  for (const { shard, set } of shards) yield* shardSamples(path.join(root, shard), { shard, set, names });
}

/** WebDataset: tar shards in which consecutive files with one key are a sample, and the extension names the field (github.com/webdataset/webdataset). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DatasetError, type Sample, type SetName } from '../../dataset.ts';
import { CAPS, tarEntries } from '../entries.ts';
import { extensionOf, fileKind } from '../file-kinds.ts';
import type { LeftOutFiles } from '../left-out.ts';
import { type FolderFile, MAX_SHARDS, walkFolder } from '../walk.ts';
import { parseClassNames } from './class-names.ts';
import { oneOfEach, setOfFile } from './set-names.ts';

const CLASS_NAMES = new Set(['classnames.txt', 'classes.txt']);
const MAX_NAMES_BYTES = 16 * 2 ** 20;
const MAX_LABEL_BYTES = 1000;
/** Images of one key, which are in memory together. */
const MAX_KEY_IMAGES = 64;
const SHARD = /\.(tar|tar\.gz|tgz)$/i;

/** WebDataset's key: the path up to the first dot of the file name. */
function keyOf(name: string): string {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot < 0 ? name : name.slice(0, dot);
}

/** What a file of a sample is. `stem`: its name without the extension that says so, which is the key or longer. */
function fieldOf(name: string): { kind: 'image' | 'label' | 'other'; stem: string } {
  const label = /\.cls(\.txt)?$/i.exec(name);
  if (label) return { kind: 'label', stem: name.slice(0, label.index) };
  const extension = extensionOf(name);
  const isImage = fileKind(name) === 'image' || extension === 'img';
  return { kind: isImage ? 'image' : 'other', stem: name.slice(0, name.length - extension.length - 1) };
}

/** The images and labels of one key, by stem. */
type Group = {
  key: string;
  images: Map<string, { name: string; bytes: Uint8Array }>;
  labels: Map<string, string>;
};

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

type Shard = { shard: string; set: SetName; names: readonly string[]; leftOut: LeftOutFiles };

/**
 * The samples of a key. An image goes with the label of its own stem (`001.v1.png` and `001.v1.cls`). If no image has one, the
 * only image goes with the only label (`001.v1.png` and `001.cls`). Images beside a labelled one, such as masks, are left out.
 */
function* groupSamples({ key, images, labels }: Group, { shard, set, names, leftOut }: Shard): Generator<Sample> {
  const sample = (stem: string, bytes: Uint8Array, label: string): Sample => {
    const where = `${shard}/${stem}`;
    return { set, ...classOf(where, label, names), order: where, image: { bytes } };
  };
  const own = [...images].filter(([stem]) => labels.has(stem));
  const [first] = images;
  if (own.length > 0) {
    for (const [stem, { bytes }] of own) yield sample(stem, bytes, labels.get(stem)!);
    for (const [stem, { name }] of images) if (!labels.has(stem)) leftOut.add('furtherImage', `${shard}/${name}`);
  } else if (first) {
    const [label, ...others] = labels.values();
    if (label === undefined) throw new DatasetError(`${shard}/${first[0]}: missing .cls for the image`);
    if (images.size > 1 || others.length > 0)
      throw new DatasetError(
        `${shard}/${key}: ${images.size} images and ${labels.size} labels; name each label like its image, such as ${first[0]}.cls`,
      );
    yield sample(key, first[1].bytes, label);
  } else if (labels.size > 0) leftOut.add('noImage', `${shard}/${key}.cls`);
}

async function* shardSamples(file: string, context: Shard): AsyncGenerator<Sample> {
  const { shard, leftOut } = context;
  let group: Group | undefined;
  for await (const { path: name, read } of tarEntries(file, CAPS, leftOut)) {
    const key = keyOf(name);
    if (group && group.key !== key) {
      yield* groupSamples(group, context);
      group = undefined;
    }
    group ??= { key, images: new Map(), labels: new Map() };
    const { kind, stem } = fieldOf(name);
    if (kind === 'image') {
      if (group.images.has(stem)) leftOut.add('furtherImage', `${shard}/${name}`);
      else if (group.images.size === MAX_KEY_IMAGES)
        throw new DatasetError(`${shard}/${key}: refused: more than ${MAX_KEY_IMAGES} images for one key`);
      else group.images.set(stem, { name, bytes: await read() });
    } else if (kind === 'label') {
      const bytes = await read();
      if (bytes.length > MAX_LABEL_BYTES)
        throw new DatasetError(
          `${shard}/${name}: invalid label: ${bytes.length} bytes, expected at most ${MAX_LABEL_BYTES}`,
        );
      group.labels.set(stem, Buffer.from(bytes).toString('utf8').trim());
    } else leftOut.add(fileKind(name) === 'other' ? 'otherKind' : 'notImages', `${shard}/${name}`);
  }
  if (group) yield* groupSamples(group, context);
}

async function readClassNames(files: readonly FolderFile[]): Promise<string[]> {
  const [first, second] = files;
  if (!first) return [];
  if (second) throw new DatasetError(`${first.path} and ${second.path} both name the classes; remove one of them`);
  if (first.problem) throw new DatasetError(`${first.path}: ${first.problem}`);
  if (first.size > MAX_NAMES_BYTES) throw new DatasetError(`${first.path}: more than ${MAX_NAMES_BYTES} bytes`);
  return parseClassNames(first.path, await readFile(first.full));
}

/** Samples of every shard below a folder. The shard's path names the set; `classnames.txt` names the classes. */
export async function* webdatasetSamples(root: string, leftOut: LeftOutFiles): AsyncGenerator<Sample> {
  const check = oneOfEach();
  const shards: { shard: string; set: SetName }[] = [];
  const nameFiles: FolderFile[] = [];
  for await (const batch of walkFolder(root, { limit: MAX_SHARDS, leftOut }))
    for (const file of batch)
      if (CLASS_NAMES.has(path.basename(file.path).toLowerCase())) nameFiles.push(file);
      else if (!SHARD.test(file.path)) leftOut.add('notImages', file.path);
      else {
        const place = setOfFile(file.path);
        if (!place) throw new DatasetError(`${file.path}: unknown set; its path must contain train, val or test`);
        if (file.problem) throw new DatasetError(`${file.path}: ${file.problem}`);
        check(place);
        shards.push({ shard: file.path, set: place.set });
      }
  const names = await readClassNames(nameFiles);
  for (const { shard, set } of shards) yield* shardSamples(path.join(root, shard), { shard, set, names, leftOut });
}

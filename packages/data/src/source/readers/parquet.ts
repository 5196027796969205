/** Hugging Face data sets: parquet files with an image (a struct of `bytes` and `path`) and a ClassLabel in each row. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { DatasetError, type Sample, type SetName } from '../../dataset.ts';
import { extensionOf } from '../file-kinds.ts';
import type { LeftOutFiles } from '../left-out.ts';
import { MAX_SHARDS, walkFolder } from '../walk.ts';
import { distinctNames } from './class-names.ts';
import { oneOfEach, setOfFile } from './set-names.ts';

/** Rows in memory at a time, and the largest row group, which the page reader holds in memory. */
const ROWS = 1000;
const MAX_GROUP_BYTES = 2 ** 30;

const Feature = z.looseObject({ _type: z.string().optional(), names: z.array(z.string()).optional() });
const HuggingFace = z.looseObject({ info: z.looseObject({ features: z.record(z.string(), Feature) }) });
type Features = Record<string, z.infer<typeof Feature>>;

const Row = z.object({
  image: z.object({ bytes: z.instanceof(Uint8Array) }),
  label: z.union([z.bigint(), z.number(), z.string()]).transform((label) => String(label)),
});

function featuresOf(metadata: FileMetaData): Features {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (!text) return {};
  const parsed = HuggingFace.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data.info.features : {};
}

/** The image and label columns: by type if the file declares types, else by the usual names. */
function columnsOf(file: string, metadata: FileMetaData, features: Features): { image: string; label: string } {
  const [root, ...rest] = metadata.schema;
  const present = new Set<string>();
  // The schema is a tree in depth-first order: only the root's children are columns.
  let skip = 0;
  for (const element of rest) {
    if (skip > 0) skip--;
    else present.add(element.name);
    skip += element.num_children ?? 0;
  }
  const choose = (type: string, usual: readonly string[]) =>
    usual.find((name) => present.has(name) && (features[name]?._type ?? type) === type) ??
    [...present].find((name) => features[name]?._type === type);
  const image = choose('Image', ['image', 'img']);
  const label = choose('ClassLabel', ['label', 'labels', 'fine_label']);
  if (!image || !label || !root)
    throw new DatasetError(`${file}: no \`image\` or no \`label\` column; found ${[...present].join(', ')}`);
  return { image, label };
}

const explained = (file: string, error: unknown): DatasetError =>
  error instanceof DatasetError
    ? error
    : new DatasetError(
        `${file}: not a readable parquet file (${error instanceof Error ? error.message : error}); download it again`,
      );

async function* fileSamples(root: string, file: string, set: SetName): AsyncGenerator<Sample> {
  try {
    const full = path.join(root, file);
    if ((await stat(full)).size === 0) throw new DatasetError(`${file}: is empty; download it again`);
    const buffer = await asyncBufferFromFile(full);
    const metadata = await parquetMetadataAsync(buffer);
    const features = featuresOf(metadata);
    const columns = columnsOf(file, metadata, features);
    const declared = features[columns.label]?.names;
    const names = declared && distinctNames(declared);
    let row = 0;
    for (const group of metadata.row_groups) {
      if (group.total_byte_size > MAX_GROUP_BYTES)
        throw new DatasetError(
          `${file}: a row group has more than ${MAX_GROUP_BYTES} bytes; write the file with smaller row groups`,
        );
      for (const end = row + Number(group.num_rows); row < end; ) {
        const rowEnd = Math.min(end, row + ROWS);
        const rows = await parquetReadObjects({
          file: buffer,
          metadata,
          columns: [columns.image, columns.label],
          rowStart: row,
          rowEnd,
          utf8: false,
          compressors,
        });
        for (const found of rows) {
          const order = `${file}/${String(row++).padStart(9, '0')}`;
          yield { set, order, ...readRow(order, { image: found[columns.image], label: found[columns.label] }, names) };
        }
        if (row !== rowEnd) throw new DatasetError(`${file}: ends at row ${row} of ${metadata.num_rows}`);
      }
    }
  } catch (error) {
    throw explained(file, error);
  }
}

function readRow(
  order: string,
  raw: { image: unknown; label: unknown },
  names: readonly string[] | undefined,
): Pick<Sample, 'className' | 'classIndex' | 'image'> {
  const parsed = Row.safeParse(raw);
  if (!parsed.success)
    throw new DatasetError(`${order}: missing image bytes or label (${parsed.error.issues[0]?.path.join('.')})`);
  const { image, label } = parsed.data;
  if (!/^-?\d+$/.test(label)) return { className: label, image };
  const className = names ? names[Number(label)] : label;
  if (className === undefined || Number(label) < 0)
    throw new DatasetError(`${order}: invalid label ${label}, expected 0 to ${(names?.length ?? 0) - 1}`);
  return { className, classIndex: Number(label), image };
}

/** Rows of every `*.parquet` below a folder. The file's path names the set. */
export async function* parquetSamples(root: string, leftOut: LeftOutFiles): AsyncGenerator<Sample> {
  const check = oneOfEach();
  const files: { file: string; set: SetName }[] = [];
  for await (const batch of walkFolder(root, { limit: MAX_SHARDS, leftOut }))
    for (const { path: file, problem } of batch)
      if (extensionOf(file) !== 'parquet') leftOut.add('notImages', file);
      else {
        const place = setOfFile(file);
        if (!place) throw new DatasetError(`${file}: unknown set; its path must contain train, validation or test`);
        if (problem) throw new DatasetError(`${file}: ${problem}`);
        check(place);
        files.push({ file, set: place.set });
      }
  for (const { file, set } of files) yield* fileSamples(root, file, set);
}

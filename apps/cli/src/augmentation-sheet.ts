/** What the augmentation sheet of a command line shows. */
import { Augment, augmentOps, DatasetChoice, UserError } from '@ablate/contracts';
import { augmentationSets } from '@ablate/search';
import { expandSpec } from './sweep/expand-spec.ts';
import { readSpec } from './sweep/spec-file.ts';

type SheetOptions = { spec?: string; augment?: string[]; dataset?: string; imageSize?: number; seed?: number };

type Sheet = {
  dataset: DatasetChoice;
  seed: number;
  sets: { label: string; ops: ReturnType<typeof augmentOps> }[];
  note?: string;
};

/** The augmentation sets of a spec, or those of the command line. */
export async function sheetOf({ spec: file, augment, dataset: name, imageSize, seed }: SheetOptions): Promise<Sheet> {
  if (file !== undefined) {
    const { spec, points } = expandSpec(file, await readSpec(file));
    const choices = new Set(points.map(({ config }) => JSON.stringify(config.dataset)));
    return {
      dataset: datasetOf(name, imageSize, points[0]?.config.dataset ?? spec.dataset),
      seed: seed ?? spec.seeds[0] ?? 1,
      sets: augmentationSets(points, spec.augment),
      ...(choices.size > 1 ? { note: `the spec has ${choices.size} choices of data; drawn with the first` } : {}),
    };
  }
  const sets = (augment ?? []).map((label) => {
    const parsed = Augment.safeParse(label);
    if (!parsed.success) throw new UserError(`--augment: ${parsed.error.issues[0]?.message}`, 'usage');
    return { label, ops: augmentOps(parsed.data) };
  });
  if (sets.length === 0)
    throw new UserError('no augmentation: give a spec with --spec, or sets with --augment', 'usage');
  return { dataset: datasetOf(name, imageSize, DatasetChoice.parse({})), seed: seed ?? 1, sets };
}

/** The data set of the command line, else the spec's. A name replaces the whole choice: its classes are of another data set. */
function datasetOf(name: string | undefined, imageSize: number | undefined, written: DatasetChoice): DatasetChoice {
  const { success, data, error } = DatasetChoice.safeParse({
    ...(name === undefined || name === written.name ? written : { name }),
    ...(imageSize === undefined ? {} : { imageSize }),
  });
  if (success) return data;
  const { path = [], message } = error.issues[0] ?? {};
  throw new UserError(`--${path[0] === 'imageSize' ? 'image-size' : 'dataset'}: ${message}`, 'usage');
}

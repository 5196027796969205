/** A config: one point of a sweep's space with every default filled in; all parameters of a run except its seed. */
import { z } from 'zod';
import { Augment, augmentOps } from './augment.ts';
import { type Complaint, zodComplaints } from './complaint.ts';
import { DatasetChoice, datasetFacts, type PackChoice } from './dataset.ts';
import { Family, Model } from './model.ts';
import { PRESETS, Preset } from './presets.ts';
import { Train } from './train.ts';

export const Config = z.strictObject({ dataset: DatasetChoice, model: Model, train: Train, augment: Augment });
export type Config = z.infer<typeof Config>;

const RawModel = z.looseObject({ family: Family.optional(), preset: Preset.optional() });

/**
 * Fills a model. Precedence: fields as written, image size and classes of the data set, the preset, the family's defaults.
 * Paths of complaints start at `model`.
 */
export function resolveModel(raw: unknown, dataset?: PackChoice): { model: Model } | { complaints: Complaint[] } {
  const parsed = RawModel.safeParse(raw);
  if (!parsed.success) return { complaints: zodComplaints(parsed.error, ['model']) };
  const { preset, ...written } = parsed.data;
  const base: Record<string, unknown> = preset ? PRESETS[preset] : {};
  const family = written.family ?? base.family ?? 'vit';
  if (preset && family !== base.family)
    return {
      complaints: [
        { path: ['model', 'preset'], message: `preset "${preset}" belongs to family ${base.family}, not ${family}` },
      ],
    };
  const { imageSize, classes } = dataset && family !== 'clip' ? datasetFacts(dataset) : {};
  const fromDataset = {
    ...(imageSize === undefined ? {} : { imageSize }),
    ...(classes === undefined ? {} : { classes }),
  };
  const model = Model.safeParse({ ...base, ...fromDataset, ...written, family });
  return model.success ? { model: model.data } : { complaints: zodComplaints(model.error, ['model']) };
}

const AugmentOps = Augment.transform((choice) => [...augmentOps(choice)]);

type Resolved = { config: Config } | { complaints: Complaint[] };

/** A function that remembers its results for arguments that are objects, by identity. */
function remembering<Value, Result>(of: (value: Value) => Result): (value: Value) => Result {
  const known = new WeakMap<object, Result>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return of(value);
    const result = known.get(value) ?? of(value);
    known.set(value, result);
    return result;
  };
}

/**
 * Fills whole configs from their parts as written. A part that is the same object as in an earlier call is parsed once, as
 * for the points of a grid; the configs share it, so it must not be modified. The name of an augmentation is lost: a config
 * holds its operations.
 */
export function configResolver(): (raw: Record<keyof Config, unknown>) => Resolved {
  const parseDataset = remembering((raw: unknown) => DatasetChoice.safeParse(raw));
  const parseTrain = remembering((raw: unknown) => Train.safeParse(raw));
  const parseAugment = remembering((raw: unknown) => AugmentOps.safeParse(raw));
  const modelOf = remembering((dataset: DatasetChoice | undefined) =>
    remembering((raw: unknown) => resolveModel(raw, dataset)),
  );
  return (raw) => {
    const dataset = parseDataset(raw.dataset);
    const train = parseTrain(raw.train);
    const augment = parseAugment(raw.augment);
    const model = modelOf(dataset.data)(raw.model);
    if (dataset.success && train.success && augment.success && 'model' in model)
      return { config: { dataset: dataset.data, model: model.model, train: train.data, augment: augment.data } };
    return {
      complaints: [
        ...(dataset.success ? [] : zodComplaints(dataset.error, ['dataset'])),
        ...('model' in model ? [] : model.complaints),
        ...(train.success ? [] : zodComplaints(train.error, ['train'])),
        ...(augment.success ? [] : zodComplaints(augment.error, ['augment'])),
      ],
    };
  };
}

/** Fills one config from its parts as written. */
export const resolveConfig = (raw: Record<keyof Config, unknown>): Resolved => configResolver()(raw);

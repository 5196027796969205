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

/** Fills a whole config from its parts as written. The name of an augmentation is lost: a config holds its operations. */
export function resolveConfig(raw: Record<keyof Config, unknown>): { config: Config } | { complaints: Complaint[] } {
  const dataset = DatasetChoice.safeParse(raw.dataset);
  const train = Train.safeParse(raw.train);
  const augment = Augment.safeParse(raw.augment);
  const model = resolveModel(raw.model, dataset.data);
  if (dataset.success && train.success && augment.success && 'model' in model)
    return {
      config: { dataset: dataset.data, model: model.model, train: train.data, augment: [...augmentOps(augment.data)] },
    };
  return {
    complaints: [
      ...(dataset.success ? [] : zodComplaints(dataset.error, ['dataset'])),
      ...('model' in model ? [] : model.complaints),
      ...(train.success ? [] : zodComplaints(train.error, ['train'])),
      ...(augment.success ? [] : zodComplaints(augment.error, ['augment'])),
    ],
  };
}

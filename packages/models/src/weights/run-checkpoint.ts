/** What a checkpoint of a run says about itself, in the metadata of its file. */
import { type Model, Precision, Preprocessing, UserError } from '@ablate/contracts';
import { z } from 'zod';
import { parseModel } from '../model-file.ts';

/** Limit on one entry of the metadata: the names of 100,000 classes fit. */
const MAX_CHARACTERS = 32 * 2 ** 20;

export type RunCheckpoint = {
  model: Model;
  /** How the run prepared its images; `missing` says why it is unknown. */
  preprocessing: Preprocessing | { missing: string };
  /** How the run evaluated; null if the file does not say. */
  evaluation: { precision: Precision; batchSize: number } | null;
  /** Whether the run used only some classes of its data set. */
  choseClasses: boolean;
  /** Whether the run skipped images that cannot be decoded. */
  skipBroken: boolean;
};

const Evaluation = z.object({
  precision: Precision,
  batchSize: z
    .int()
    .min(1)
    .max(2 ** 20),
});
/** The fields that are used here. The model is parsed by its own schema. */
const RunConfig = z.looseObject({
  model: z.unknown().optional(),
  train: Evaluation.optional().catch(undefined),
  dataset: z
    .looseObject({ classes: z.unknown().optional(), skipBroken: z.unknown().optional() })
    .optional()
    .catch(undefined),
});

function parseEntry(text: string | undefined, what: string): unknown {
  if (text === undefined) throw new UserError(`${what} is missing`);
  if (text.length > MAX_CHARACTERS)
    throw new UserError(`${what} has ${text.length} characters; the limit is ${MAX_CHARACTERS}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${what} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Each `missing` continues "… has no preprocessing: ". */
function preprocessingOf(text: string | undefined, model: Model): RunCheckpoint['preprocessing'] {
  if (text === undefined) return { missing: 'the file was written before checkpoints recorded it' };
  let raw: unknown;
  try {
    raw = parseEntry(text, 'the entry');
  } catch (error) {
    if (error instanceof UserError) return { missing: error.message };
    throw error;
  }
  const parsed = Preprocessing.safeParse(raw);
  if (!parsed.success) {
    const { path = [], message = '' } = parsed.error.issues[0] ?? {};
    return { missing: `the entry is damaged, or of a newer version (${path.join('.')}: ${message})` };
  }
  const { imageSize, classes } = parsed.data;
  if (imageSize !== model.imageSize || (model.family !== 'clip' && classes.length !== model.classes))
    return {
      missing: `the entry has image size ${imageSize} and ${classes.length} classes, which are not those of the model`,
    };
  return parsed.data;
}

/** Null for files that no run wrote. @throws UserError naming `path` and what is wrong with its metadata */
export function readRunCheckpoint(metadata: Record<string, string>, path: string): RunCheckpoint | null {
  if (metadata.format !== 'ablate') return null;
  const config = RunConfig.safeParse(parseEntry(metadata.config, `config in the metadata of ${path}`));
  if (!config.success) throw new UserError(`config in the metadata of ${path} is not an object`);
  const { model: raw, train, dataset } = config.data;
  const model = parseModel(raw, path);
  return {
    model,
    preprocessing: preprocessingOf(metadata.preprocessing, model),
    evaluation: train ?? null,
    choseClasses: dataset?.classes !== undefined,
    skipBroken: dataset?.skipBroken === true,
  };
}

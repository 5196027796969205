/** A model by the name of a preset or from a JSON file. Loads no TensorFlow. */
import { readFile, stat } from 'node:fs/promises';
import { isRecord, type Model, modelComplaints, Preset, resolveModel, UserError } from '@ablate/contracts';
import { isMissing } from '@ablate/files';

const MAX_BYTES = 1_000_000;

/** A model with every default filled in. `from` names its source in errors. @throws UserError naming each invalid field */
export function parseModel(raw: unknown, from: string): Model {
  const resolved = resolveModel(raw);
  const complaints = 'model' in resolved ? modelComplaints(resolved.model) : resolved.complaints;
  if ('model' in resolved && complaints.length === 0) return resolved.model;
  const lines = complaints.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new UserError(`${from} is not a valid model:\n${lines.join('\n')}`, 'usage');
}

/** The `model` part of a spec, of a config, or of the API's answer for a run; anything else is returned unchanged. */
function modelPart(raw: unknown): unknown {
  if (!isRecord(raw) || 'family' in raw || 'preset' in raw) return raw;
  if (isRecord(raw.model)) return raw.model;
  return isRecord(raw.config) && isRecord(raw.config.model) ? raw.config.model : raw;
}

/** Read a model from a JSON file, or by the name of a preset. @throws UserError if it is neither, or invalid */
export async function readModel(source: string): Promise<Model> {
  const preset = Preset.safeParse(source);
  if (preset.success) return parseModel({ preset: preset.data }, source);
  let text: string;
  try {
    if ((await stat(source)).size > MAX_BYTES)
      throw new UserError(`${source} is too large for a model: the limit is ${MAX_BYTES} bytes`, 'usage');
    text = await readFile(source, 'utf8');
  } catch (error) {
    if (isMissing(error))
      throw new UserError(
        `${source} is neither a file nor a preset; the presets are ${Preset.options.join(', ')}`,
        'usage',
      );
    throw error;
  }
  try {
    return parseModel(modelPart(JSON.parse(text)), source);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`${source} is not valid JSON: ${error.message}`, 'usage');
    throw error;
  }
}

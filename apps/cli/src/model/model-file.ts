/** The model that `--model` means. */
import { readFile, stat } from 'node:fs/promises';
import { type Model, modelComplaints, Preset, resolveModel } from '@ablate/contracts';
import { isMissing } from '@ablate/files';
import { EXIT, Failure } from '../failure.ts';

const MAX_BYTES = 1_000_000;

/** A model from its written form, with every default filled in. @throws Failure naming each field at fault. */
export function parseModel(raw: unknown, from: string): Model {
  const resolved = resolveModel(raw);
  const complaints = 'model' in resolved ? modelComplaints(resolved.model) : resolved.complaints;
  if ('model' in resolved && complaints.length === 0) return resolved.model;
  const lines = complaints.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Failure(`${from} is not a model:\n${lines.join('\n')}`, EXIT.usage);
}

/** Read a model from a JSON file, or by the name of a preset. */
export async function readModel(source: string): Promise<Model> {
  const preset = Preset.safeParse(source);
  if (preset.success) return parseModel({ preset: preset.data }, source);
  let text: string;
  try {
    if ((await stat(source)).size > MAX_BYTES) throw new Failure(`${source} is larger than a model can be`, EXIT.usage);
    text = await readFile(source, 'utf8');
  } catch (error) {
    if (isMissing(error))
      throw new Failure(
        `${source} is neither a file nor a preset; presets are ${Preset.options.join(', ')}`,
        EXIT.usage,
      );
    throw error;
  }
  try {
    return parseModel(JSON.parse(text), source);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure(`${source} is not JSON: ${error.message}`, EXIT.usage);
    throw error;
  }
}

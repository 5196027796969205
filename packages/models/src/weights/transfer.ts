/** Weights of a file to ours and back: names by `names.ts`, layouts by `layout.ts`, checked against the model's table of parameters. */
import type { Model } from '@ablate/contracts';
import { resizePositions } from '../bicubic.ts';
import { describeParameters } from '../describe.ts';
import type { Float } from '../inspect/tensor.ts';
import type { TensorData } from '../safetensors.ts';
import { torchShape, toTensorFlow, toTorch } from './layout.ts';
import { NAMINGS, type Naming, type NamingName, PUBLIC_NAMES, rename } from './names.ts';

/** Weights that do not match the model. The message names every tensor at fault. */
export class WeightsError extends Error {
  override name = 'WeightsError';
}

/** The row of the naming table that `--names` selects for this model. @throws WeightsError listing the valid names. */
function namingOf(model: Model, names: string): NamingName {
  const naming = PUBLIC_NAMES[names]?.[model.family];
  if (naming) return naming;
  const known = Object.keys(PUBLIC_NAMES).filter((key) => PUBLIC_NAMES[key]?.[model.family]);
  throw new WeightsError(`unknown names "${names}" for family ${model.family}: use ${known.join(' or ')}`);
}

const namings = Object.entries(NAMINGS) as [NamingName, Naming][];

function recognise(model: Model, names: readonly string[]): NamingName {
  const row = namings.find(([, { family, is }]) => family === model.family && is(names));
  if (!row) throw new WeightsError(`no naming for family ${model.family}`);
  return row[0];
}

const strip = (name: string, prefixes: readonly RegExp[]): string =>
  prefixes.reduce((left, prefix) => left.replace(prefix, ''), name);

/** Tensors of the same trailing shape, one after the other along the first axis. */
function stack(parts: readonly Float[]): Float {
  const [first] = parts;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
  return { dtype: 'F32', shape: [rows, ...(first?.shape.slice(1) ?? [])], data };
}

const AVERAGE = 'optimizer.ema/';

/** If a checkpoint has an average of its weights, use it instead of the last values: runs evaluate the average. */
function averaged(file: ReadonlyMap<string, TensorData>, { layout }: Naming): ReadonlyMap<string, TensorData> {
  if (layout === undefined) return file;
  return new Map([...file].map(([name, tensor]) => [name, file.get(AVERAGE + name) ?? tensor]));
}

/** Positions (1, T, D) resized to the model's grid; undefined unless the file's are a square grid of a different size. */
function refitPositions(model: Model, name: string, { shape, data }: Float): Float | undefined {
  if (model.family !== 'vit' || name !== 'pos_embed') return undefined;
  const [, positions = 0, width = 0] = shape;
  const prefix = model.pool === 'cls' ? 1 : 0;
  const from = Math.sqrt(positions - prefix);
  const to = model.imageSize / model.patchSize;
  if (!Number.isInteger(from) || from === to || width !== model.width) return undefined;
  const resized = resizePositions(data, { from: [from, from], to: [to, to], width, prefix });
  return { dtype: 'F32', shape: [1, prefix + to * to, width], data: resized };
}

type Found = { tensor: Float; from: string };
type Faults = { missing: string[]; unknown: string[]; misshapen: string[]; broken: string[] };

/** The tensor that a file has for one of our names, by the first rule that matches. */
function find(name: string, naming: Naming, file: ReadonlyMap<string, Found>): Found | undefined {
  for (const { ours, theirs } of naming.rules) {
    const names = [theirs].flat().map((theirName) => rename(name, ours, theirName));
    const parts = names.map((theirName) => file.get(theirName ?? ''));
    if (parts.length > 0 && parts.every((part) => part !== undefined))
      return parts.length === 1 && parts[0]
        ? parts[0]
        : { tensor: stack(parts.map((part) => part.tensor)), from: parts.map((part) => part.from).join(' + ') };
  }
  return file.get(name);
}

const listed = (names: readonly string[]): string =>
  names.slice(0, 12).join(', ') + (names.length > 12 ? ` and ${names.length - 12} more` : '');

function refuse({ missing, unknown, misshapen, broken }: Faults, naming: NamingName): void {
  const lines = [
    missing.length > 0 && `missing: ${listed(missing)}`,
    unknown.length > 0 && `unknown: ${listed(unknown)}`,
    misshapen.length > 0 && `misshapen: ${listed(misshapen)}`,
    broken.length > 0 && `not finite (NaN or infinite): ${listed(broken)}`,
  ].filter((line) => line !== false);
  if (lines.length > 0)
    throw new WeightsError(`these weights (names read as ${naming}) do not match the model; ${lines.join('; ')}`);
}

export type ReadWeights = {
  /** By our names, in TensorFlow's layout. */
  tensors: Map<string, Float>;
  naming: NamingName;
  /** Skipped tensors of the file, each with the reason. */
  ignored: string[];
  /** Optional parameters that the file lacks: they keep their initial values. */
  kept: string[];
  /** Positions that were interpolated to the model's grid. */
  fitted: string[];
};

/**
 * Weights of a file (PyTorch's layout) as ours: every parameter and running statistic of the model, by name, in TensorFlow's layout.
 * @param names a key of `PUBLIC_NAMES`; recognised from the file if absent.
 * @param interpolate resizes a ViT's learned positions to the model's image size, as DINO does.
 * @throws WeightsError naming every missing, unknown, misshapen and non-finite tensor.
 */
export function readWeights(
  model: Model,
  file: ReadonlyMap<string, TensorData>,
  { names, interpolate = false }: { names?: string; interpolate?: boolean } = {},
): ReadWeights {
  const chosen = names === undefined ? recognise(model, [...file.keys()]) : namingOf(model, names);
  const naming: Naming = NAMINGS[chosen];
  const faults: Faults = { missing: [], unknown: [], misshapen: [], broken: [] };
  const ignored: string[] = [];
  const stripped = new Map<string, Found>();
  for (const [name, tensor] of averaged(file, naming)) {
    const why = naming.ignored.find(({ pattern }) => pattern.test(name))?.why;
    if (why !== undefined) ignored.push(`${name} (${why})`);
    else if (tensor.dtype !== 'F32') faults.misshapen.push(`${name} (dtype ${tensor.dtype}, not a float)`);
    else {
      const bare = strip(name, naming.prefixes);
      const other = stripped.get(bare);
      if (other) faults.unknown.push(`${name} (duplicate of ${other.from} without its prefix)`);
      else stripped.set(bare, { tensor, from: name });
    }
  }
  const tensors = new Map<string, Float>();
  const kept: string[] = [];
  const fitted: string[] = [];
  const used = new Set<string>();
  for (const [name, { shape }] of describeParameters(model)) {
    const found = find(name, naming, stripped);
    if (!found) {
      if (naming.zero?.test(name)) tensors.set(name, { dtype: 'F32', shape, data: new Float32Array(shape[0] ?? 0) });
      else if (naming.optional?.test(name)) kept.push(name);
      else faults.missing.push(name);
      continue;
    }
    for (const from of found.from.split(' + ')) used.add(from);
    const ofTorch = naming.layout === undefined;
    const wanted = ofTorch ? torchShape(name, shape) : shape;
    const tensor = (interpolate && refitPositions(model, name, found.tensor)) || found.tensor;
    if (tensor !== found.tensor) fitted.push(`${found.from} [${found.tensor.shape}] to [${wanted}]`);
    if (tensor.shape.join() !== wanted.join())
      faults.misshapen.push(`${found.from} [${tensor.shape}], not [${wanted}]`);
    else if (!tensor.data.every(Number.isFinite)) faults.broken.push(found.from);
    else tensors.set(name, ofTorch ? toTensorFlow(name, tensor) : tensor);
  }
  for (const { from } of stripped.values()) if (!used.has(from)) faults.unknown.push(from);
  refuse(faults, chosen);
  return { tensors, naming: chosen, ignored, kept, fitted };
}

/** Split along the first axis into equal parts. */
function split({ shape, data }: Float, count: number): Float[] {
  const rows = (shape[0] ?? 0) / count;
  const size = data.length / count;
  return Array.from({ length: count }, (_, part) => ({
    dtype: 'F32',
    shape: [rows, ...shape.slice(1)],
    data: data.slice(part * size, (part + 1) * size),
  }));
}

/** The other implementation's names for one of our tensors; empty if it has none. */
function theirsOf(name: string, naming: Naming): string[] {
  for (const { ours, theirs } of naming.rules) {
    const names = [theirs].flat().map((theirName) => rename(name, ours, theirName));
    if (names.every((theirName) => theirName !== undefined)) return names;
  }
  return naming.complete ? [] : [name];
}

/**
 * Our weights as a file that the reference loads with `strict=True`: its names, PyTorch's layout.
 * @throws WeightsError naming a value that the other implementation has no tensor for.
 */
export function writeWeights(
  model: Model,
  tensors: ReadonlyMap<string, Float>,
  { names }: { names: string },
): Map<string, TensorData> {
  const naming: Naming = NAMINGS[namingOf(model, names)];
  const file = new Map<string, TensorData>();
  for (const name of describeParameters(model).keys()) {
    const tensor = tensors.get(name);
    if (!tensor) throw new WeightsError(`missing: ${name}`);
    if (naming.optional?.test(name)) continue;
    if (naming.zero?.test(name)) {
      if (tensor.data.some((value) => value !== 0)) throw new WeightsError(`${names} has no tensor for ${name}`);
      continue;
    }
    const theirs = theirsOf(name, naming);
    if (theirs.length === 0) throw new WeightsError(`${names} has no tensor for ${name}`);
    const torch = naming.layout === undefined ? toTorch(name, tensor) : tensor;
    for (const [part, value] of (theirs.length === 1 ? [torch] : split(torch, theirs.length)).entries())
      file.set(theirs[part] ?? name, value);
  }
  return file;
}

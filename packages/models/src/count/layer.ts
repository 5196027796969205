/** A row of a layer table: parameters and cost of one layer for one image. Pure arithmetic: it builds no tensor and loads no TensorFlow. */

type LayerKind = 'convolution' | 'linear' | 'product' | 'norm' | 'activation' | 'pool' | 'vector';

/** One layer, for one image (or one text). Shapes of parameters are TensorFlow's: (kh, kw, in, out), (in, out). */
export type Layer = {
  name: string;
  kind: LayerKind;
  parameters: Record<string, number[]>;
  /** Running statistics: saved with the weights, not trained, not counted as parameters. */
  buffers: Record<string, number[]>;
  /** Multiply-accumulates of convolutions, linear layers and matrix products. */
  macs: number;
  /** What fvcore counts in addition: 5 an element of a layer norm, 2 of a batch norm in evaluation, 1 of an adaptive pool. */
  fvcoreExtra: number;
  /** Values of the forward pass that this layer's gradient needs and no earlier layer keeps. */
  kept: number;
};

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const row = (name: string, kind: LayerKind, more: Partial<Layer>): Layer => ({
  name,
  kind,
  parameters: {},
  buffers: {},
  macs: 0,
  fvcoreExtra: 0,
  kept: 0,
  ...more,
});

/** A parameter that stands alone: a class token, a table of positions, a layer scale. */
export const vector = (name: string, shape: number[], kept = 0): Layer =>
  row(name, 'vector', { parameters: { [name]: shape }, kept });

type LinearShape = { tokens: number; from: number; to: number; bias?: boolean; kept?: number };

/** (tokens, from) -> (tokens, to); keeps its input. */
export const linear = (name: string, { tokens, from, to, bias = true, kept = tokens * from }: LinearShape): Layer =>
  row(name, 'linear', {
    parameters: { [`${name}.weight`]: [from, to], ...(bias && { [`${name}.bias`]: [to] }) },
    macs: tokens * from * to,
    kept,
  });

type ConvolutionShape = { side: number; kernel: number; from: number; to: number; bias?: boolean; kept: number };

/** A square convolution whose output is `side` × `side`. */
export const convolution = (name: string, { side, kernel, from, to, bias = false, kept }: ConvolutionShape): Layer =>
  row(name, 'convolution', {
    parameters: { [`${name}.weight`]: [kernel, kernel, from, to], ...(bias && { [`${name}.bias`]: [to] }) },
    macs: side * side * kernel * kernel * from * to,
    kept,
  });

/** Layer norm over `width`; keeps its input. */
export const layerNorm = (name: string, { tokens, width }: { tokens: number; width: number }): Layer =>
  row(name, 'norm', {
    parameters: { [`${name}.weight`]: [width], [`${name}.bias`]: [width] },
    fvcoreExtra: 5 * tokens * width,
    kept: tokens * width,
  });

/** RMS norm of `groups` groups of `width` values, gain shared; keeps its input. fvcore does not count it. */
export const rmsNorm = (name: string, { groups, width }: { groups: number; width: number }): Layer =>
  row(name, 'norm', { parameters: { [`${name}.weight`]: [width] }, kept: groups * width });

/** Batch norm of a (side, side, channels) map; keeps its input. */
export const batchNorm = (name: string, { side, channels }: { side: number; channels: number }): Layer =>
  row(name, 'norm', {
    parameters: { [`${name}.weight`]: [channels], [`${name}.bias`]: [channels] },
    buffers: { [`${name}.running_mean`]: [channels], [`${name}.running_var`]: [channels] },
    fvcoreExtra: 2 * side * side * channels,
    kept: side * side * channels,
  });

/** A matrix product without parameters: attention's scores, and its weighted values. */
export const matrixProduct = (name: string, macs: number, kept: number): Layer => row(name, 'product', { macs, kept });

/** A function of each value; keeps what its gradient reads. */
export const activation = (name: string, kept: number): Layer => row(name, 'activation', { kept });

/** A pool; `fvcoreExtra` is given where fvcore counts it (adaptive average pools). */
export const pool = (
  name: string,
  { kept = 0, fvcoreExtra = 0 }: { kept?: number; fvcoreExtra?: number } = {},
): Layer => row(name, 'pool', { kept, fvcoreExtra });

/** Parameters of a layer, in numbers. */
export const parameterCount = (layer: Layer): number =>
  Object.values(layer.parameters).reduce((sum, shape) => sum + product(shape), 0);

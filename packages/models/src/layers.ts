/** Layers with parameters. Names and initial values are PyTorch's unless an argument overrides them; layouts are TensorFlow's. */
import { fanIn, type Initial, kaimingFanOut, ones, zeros } from './initial.ts';
import type { Layer } from './ops.ts';
import type { Scope } from './scope.ts';

type LinearOptions = { weight: Initial; bias: Initial | null };

/** (…, inputs) -> (…, outputs). `bias: null` leaves the bias out. */
export function linear(s: Scope, inputs: number, outputs: number, options: LinearOptions): Layer {
  const weight = s.parameter('weight', [inputs, outputs], options.weight);
  const bias = options.bias && s.parameter('bias', [outputs], options.bias);
  return (x, { ops }) => ops.linear(x, weight(), bias ? bias() : null);
}

/** PyTorch's default Linear: weight and bias U(±1/√inputs). */
export const plainLinear = (s: Scope, inputs: number, outputs: number): Layer =>
  linear(s, inputs, outputs, { weight: fanIn(inputs), bias: fanIn(inputs) });

/** Over the last axis. */
export function layerNorm(s: Scope, width: number, epsilon: number, gain: Initial = ones): Layer {
  const weight = s.parameter('weight', [width], gain);
  const bias = s.parameter('bias', [width], zeros);
  return (x, { ops }) => ops.layerNorm(x, weight(), bias(), epsilon);
}

type ConvolutionOptions = {
  inputs: number;
  outputs: number;
  kernel: number;
  stride?: number;
  padding?: number;
  weight?: Initial;
  bias?: Initial | null;
};

/** (B, H, W, inputs) -> (B, H', W', outputs). No bias and torchvision's ResNet initialisation by default. */
export function convolution(
  s: Scope,
  { inputs, outputs, kernel, stride = 1, padding = 0, weight, bias = null }: ConvolutionOptions,
): Layer {
  const filter = s.parameter('weight', [kernel, kernel, inputs, outputs], weight ?? kaimingFanOut(kernel, outputs));
  const shift = bias && s.parameter('bias', [outputs], bias);
  return (x, { ops }) => {
    const y = ops.conv2d(x, filter(), { stride, padding });
    return shift ? y.add(shift()) : y;
  };
}

/** Over all axes but the last. PyTorch's epsilon and momentum; running_var is the unbiased variance. */
export function batchNorm(s: Scope, width: number, initialGain: Initial = ones): Layer {
  const gain = s.parameter('weight', [width], initialGain);
  const bias = s.parameter('bias', [width], zeros);
  const mean = s.buffer('running_mean', [width], zeros);
  const variance = s.buffer('running_var', [width], ones);
  return (x, { ops, training }) =>
    ops.batchNorm(
      x,
      { gain: gain(), bias: bias(), mean: mean(), variance: variance() },
      { training, epsilon: 1e-5, momentum: 0.1 },
    );
}

/** Dropout in training; The path of `s` is the purpose that its masks are counted for. */
export const dropout = (s: Scope, rate: number): Layer =>
  rate === 0 ? (x) => x : (x, { ops, training, random }) => (training ? ops.dropout(x, rate, random, s.path) : x);

/** Drops whole residual branches, a sample at a time (Huang et al. 2016). */
export const dropPath = (s: Scope, rate: number): Layer =>
  rate === 0 ? (x) => x : (x, { ops, training, random }) => (training ? ops.dropPath(x, rate, random, s.path) : x);

/** Rates rise linearly from 0 in the first layer to `most` in the last. */
export const risingRates = (most: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, i) => (depth === 1 ? 0 : (most * i) / (depth - 1)));

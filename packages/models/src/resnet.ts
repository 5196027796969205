/** Residual networks: He et al. 2016 (arXiv:1512.03385), with torchvision's names, initial values and order of operations. */
import type { ResnetModel, ResnetOrdering } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { batchNorm, convolution, plainLinear } from './layers.ts';
import { type Context, chain, type Layer, relu } from './ops.ts';
import type { Scope } from './scope.ts';

type Operation = `${'conv' | 'bn'}${1 | 2 | 3}` | 'relu' | 'add';

/** The experiment axis: each ordering of the basic block reads as what happens to x. `add` adds the shortcut. */
const basicOrderings: Record<ResnetOrdering, Operation[]> = {
  v1: ['conv1', 'bn1', 'relu', 'conv2', 'bn2', 'add', 'relu'],
  v2: ['conv1', 'relu', 'bn1', 'relu', 'conv2', 'relu', 'bn2', 'add', 'relu'],
  v3: ['conv1', 'bn1', 'relu', 'conv2', 'bn2', 'relu', 'add'],
  bnAfterAdd: ['conv1', 'bn1', 'relu', 'conv2', 'add', 'bn2', 'relu'],
  preActivation: ['bn1', 'relu', 'conv1', 'bn2', 'relu', 'conv2', 'add'],
};
const bottleneckOrdering: Operation[] = ['conv1', 'bn1', 'relu', 'conv2', 'bn2', 'relu', 'conv3', 'bn3', 'add', 'relu'];

type Shape = { inputs: number; width: number; stride: number };
type Convolution = { outputs: number; kernel: number; stride: number };

/** The blocks: their convolutions in order, and the channels that come out. torchvision strides in a bottleneck's 3×3. */
const blocks: Record<ResnetModel['block'], { expansion: number; convolutions: (shape: Shape) => Convolution[] }> = {
  basic: {
    expansion: 1,
    convolutions: ({ width, stride }) => [
      { outputs: width, kernel: 3, stride },
      { outputs: width, kernel: 3, stride: 1 },
    ],
  },
  bottleneck: {
    expansion: 4,
    convolutions: ({ width, stride }) => [
      { outputs: width, kernel: 1, stride: 1 },
      { outputs: width, kernel: 3, stride },
      { outputs: 4 * width, kernel: 1, stride: 1 },
    ],
  },
};

/** Option A of He et al. 2016, 3.3: every `stride`-th pixel; new channels are zero, half of them on each side. */
const padded =
  (stride: number, more: number): Layer =>
  (x, { ops }) =>
    ops.avgPool2d(x, { size: 1, stride }).pad([
      [0, 0],
      [0, 0],
      [0, 0],
      [Math.floor(more / 2), Math.ceil(more / 2)],
    ]);

/** The shortcut if shapes change, otherwise null. Pre-activated blocks project without a norm (He et al. 2016, arXiv:1603.05027). */
function changingShortcut(s: Scope, model: ResnetModel, { inputs, stride }: Shape, outputs: number): Layer | null {
  if (stride === 1 && inputs === outputs) return null;
  if (model.shortcut === 'pad') return padded(stride, outputs - inputs);
  const project = convolution(s.at('downsample', 0), { inputs, outputs, kernel: 1, stride });
  return model.ordering === 'preActivation' ? project : chain(project, batchNorm(s.at('downsample', 1), outputs));
}

/** One residual block, as its list of operations. A shortcut that changes shapes starts where the first convolution does. */
function residualBlock(s: Scope, model: ResnetModel, shape: Shape): Layer {
  const operations = model.block === 'basic' ? basicOrderings[model.ordering] : bottleneckOrdering;
  const convolutions = blocks[model.block].convolutions(shape);
  let channels = shape.inputs;

  const declare = (operation: Exclude<Operation, 'add'>): Layer => {
    if (operation === 'relu') return relu;
    if (operation.startsWith('bn')) return batchNorm(s.at(operation), channels);
    const convolve = convolutions[Number(operation.at(-1)) - 1];
    if (!convolve) throw new Error(`a ${model.block} block has no ${operation}`);
    const inputs = channels;
    channels = convolve.outputs;
    return convolution(s.at(operation), { ...convolve, inputs, padding: (convolve.kernel - 1) / 2 });
  };
  const steps = operations.map((operation) => ({ operation, layer: operation === 'add' ? null : declare(operation) }));
  const change = changingShortcut(s, model, shape, channels);

  return (input, context) => {
    let shortcut = input;
    let x = input;
    for (const { operation, layer } of steps) {
      if (operation === 'conv1' && change) shortcut = change(x, context);
      x = layer ? layer(x, context) : x.add(shortcut);
    }
    return x;
  };
}

/** Pre-activated networks start their first block with the norm: their stem is the bare convolution. */
function stem(s: Scope, { stem: kind, widths, ordering }: ResnetModel): Layer {
  const outputs = widths[0] ?? 0;
  const geometry = kind === 'imagenet' ? { kernel: 7, stride: 2, padding: 3 } : { kernel: 3, stride: 1, padding: 1 };
  return chain(
    convolution(s.at('conv1'), { inputs: 3, outputs, ...geometry }),
    ...(ordering === 'preActivation' ? [] : [batchNorm(s.at('bn1'), outputs), relu]),
    ...(kind === 'imagenet' ? [maxPool] : []),
  );
}
const maxPool: Layer = (x, { ops }) => ops.maxPool2d(x, { size: 3, stride: 2, padding: 1 });

/** Images (B, S, S, 3) to logits (B, classes). Shows `features`, the mean over the last map (B, channels). */
export function resnet(s: Scope, model: ResnetModel): (images: tf.Tensor, context: Context) => tf.Tensor {
  const layers = [stem(s, model)];
  let inputs = model.widths[0] ?? 0;
  for (const [stage, depth] of model.depths.entries()) {
    const width = model.widths[stage] ?? 0;
    for (let index = 0; index < depth; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      layers.push(residualBlock(s.at(`layer${stage + 1}`, index), model, { inputs, width, stride }));
      inputs = width * blocks[model.block].expansion;
    }
  }
  const body = chain(...layers);
  const head = plainLinear(s.at('fc'), inputs, model.classes);

  return (images, context) => {
    const last = body(images, context);
    const features = (context.replace?.('map', last) ?? last).mean([1, 2]);
    context.look?.('features', features);
    return head(features, context);
  };
}

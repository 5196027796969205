/** The layers of a ResNet, in the order of its forward pass, by torchvision's names. */
import type { ResnetModel } from '@ablate/contracts';
import { batchNorm, convolution, type Layer, linear, pool } from './layer.ts';

/** Side after a convolution or pool with PyTorch's padding. */
const after = (side: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((side + 2 * padding - kernel) / stride) + 1;

type FeatureMap = { side: number; channels: number };
type BlockShape = { name: string; input: FeatureMap; width: number; stride: number };

/** ReLU works in place on its batch norm's output, so a convolution after it keeps the same values. */
function basicBlock({ ordering, shortcut }: ResnetModel, { name, input, width, stride }: BlockShape): Layer[] {
  const side = after(input.side, 3, stride, 1);
  const kept = input.side ** 2 * input.channels;
  const preActivation = ordering === 'preActivation';
  const changes = stride !== 1 || input.channels !== width;
  const project: Layer[] =
    changes && shortcut === 'projection'
      ? [
          convolution(`${name}.downsample.0`, { side, kernel: 1, from: input.channels, to: width, kept: 0 }),
          ...(preActivation ? [] : [batchNorm(`${name}.downsample.1`, { side, channels: width })]),
        ]
      : [];
  const bn1 = preActivation ? batchNorm(`${name}.bn1`, input) : batchNorm(`${name}.bn1`, { side, channels: width });
  const conv1 = convolution(`${name}.conv1`, { side, kernel: 3, from: input.channels, to: width, kept });
  const bn2 = batchNorm(`${name}.bn2`, { side, channels: width });
  const conv2 = convolution(`${name}.conv2`, { side, kernel: 3, from: width, to: width, kept: side ** 2 * width });
  return preActivation ? [bn1, conv1, bn2, conv2, ...project] : [conv1, bn1, conv2, bn2, ...project];
}

/** torchvision's bottleneck: the stride sits on the 3×3, four times the width comes out. */
function bottleneck({ name, input, width, stride }: BlockShape): Layer[] {
  const side = after(input.side, 3, stride, 1);
  const out = 4 * width;
  const changes = stride !== 1 || input.channels !== out;
  return [
    convolution(`${name}.conv1`, {
      side: input.side,
      kernel: 1,
      from: input.channels,
      to: width,
      kept: input.side ** 2 * input.channels,
    }),
    batchNorm(`${name}.bn1`, { side: input.side, channels: width }),
    convolution(`${name}.conv2`, { side, kernel: 3, from: width, to: width, kept: input.side ** 2 * width }),
    batchNorm(`${name}.bn2`, { side, channels: width }),
    convolution(`${name}.conv3`, { side, kernel: 1, from: width, to: out, kept: side ** 2 * width }),
    batchNorm(`${name}.bn3`, { side, channels: out }),
    ...(changes
      ? [
          convolution(`${name}.downsample.0`, { side, kernel: 1, from: input.channels, to: out, kept: 0 }),
          batchNorm(`${name}.downsample.1`, { side, channels: out }),
        ]
      : []),
  ];
}

function stem({ stem: kind, imageSize, widths, ordering }: ResnetModel): { layers: Layer[]; out: FeatureMap } {
  const channels = widths[0] ?? 0;
  const [kernel, stride, padding] = kind === 'imagenet' ? ([7, 2, 3] as const) : ([3, 1, 1] as const);
  const side = after(imageSize, kernel, stride, padding);
  const conv = convolution('conv1', { side, kernel, from: 3, to: channels, kept: imageSize ** 2 * 3 });
  const norm = ordering === 'preActivation' ? [] : [batchNorm('bn1', { side, channels })];
  if (kind === 'cifar') return { layers: [conv, ...norm], out: { side, channels } };
  return {
    layers: [conv, ...norm, pool('maxpool', { kept: side ** 2 * channels })],
    out: { side: after(side, 3, 2, 1), channels },
  };
}

/** Layers of a ResNet for one image. He et al. 2016 (arXiv:1512.03385); pre-activation: arXiv:1603.05027. */
export function resnetLayers(model: ResnetModel): Layer[] {
  const { layers, out } = stem(model);
  let input = out;
  for (const [stage, depth] of model.depths.entries()) {
    const width = model.widths[stage] ?? 0;
    for (let index = 0; index < depth; index++) {
      const shape = { name: `layer${stage + 1}.${index}`, input, width, stride: stage > 0 && index === 0 ? 2 : 1 };
      layers.push(...(model.block === 'basic' ? basicBlock(model, shape) : bottleneck(shape)));
      input = {
        side: after(input.side, 3, shape.stride, 1),
        channels: model.block === 'basic' ? width : 4 * width,
      };
    }
  }
  return [
    ...layers,
    pool('avgpool', { kept: input.side ** 2 * input.channels, fvcoreExtra: input.side ** 2 * input.channels }),
    linear('fc', { tokens: 1, from: input.channels, to: model.classes }),
  ];
}

/** The layers of CLIP RN50: a modified ResNet with an attention pool, and a text transformer, by OpenAI's names. */
import type { ClipModel } from '@ablate/contracts';
import {
  activation,
  batchNorm,
  convolution,
  type Layer,
  layerNorm,
  linear,
  matrixProduct,
  pool,
  vector,
} from './layer.ts';

/** All convolutions have stride 1; an average pool shrinks instead. */
function bottleneck(name: string, side: number, from: number, width: number, stride: number): Layer[] {
  const small = side / stride;
  const to = 4 * width;
  const shrink = (key: string, channels: number): Layer[] =>
    stride > 1 ? [pool(`${name}.${key}`, { kept: side ** 2 * channels })] : [];
  return [
    convolution(`${name}.conv1`, { side, kernel: 1, from, to: width, kept: side ** 2 * from }),
    batchNorm(`${name}.bn1`, { side, channels: width }),
    convolution(`${name}.conv2`, { side, kernel: 3, from: width, to: width, kept: side ** 2 * width }),
    batchNorm(`${name}.bn2`, { side, channels: width }),
    ...shrink('avgpool', width),
    convolution(`${name}.conv3`, { side: small, kernel: 1, from: width, to, kept: small ** 2 * width }),
    batchNorm(`${name}.bn3`, { side: small, channels: to }),
    ...(stride > 1 || from !== to
      ? [
          ...(stride > 1 ? [pool(`${name}.downsample.-1`)] : []),
          convolution(`${name}.downsample.0`, {
            side: small,
            kernel: 1,
            from,
            to,
            kept: stride > 1 ? small ** 2 * from : 0,
          }),
          batchNorm(`${name}.downsample.1`, { side: small, channels: to }),
        ]
      : []),
  ];
}

/** Query of the mean token alone, keys and values of all positions and the mean. */
function attentionPool(name: string, side: number, width: number, heads: number, embedding: number): Layer[] {
  const tokens = side * side + 1;
  return [
    vector(`${name}.positional_embedding`, [tokens, width]),
    linear(`${name}.k_proj`, { tokens, from: width, to: width }),
    linear(`${name}.q_proj`, { tokens: 1, from: width, to: width, kept: 0 }),
    linear(`${name}.v_proj`, { tokens, from: width, to: width, kept: 0 }),
    matrixProduct(`${name}.scores`, tokens * width, (2 * tokens + 1) * width),
    activation(`${name}.softmax`, heads * tokens),
    matrixProduct(`${name}.values`, tokens * width, 0),
    linear(`${name}.c_proj`, { tokens: 1, from: width, to: embedding }),
  ];
}

/** Layers of the image side for one image. Radford et al. 2021 (arXiv:2103.00020). */
export function clipVisualLayers({ imageSize, embedding, vision }: ClipModel): Layer[] {
  const { width, heads, depths } = vision;
  const half = imageSize / 2;
  const stem = (index: number, from: number, to: number, kept: number): Layer[] => [
    convolution(`visual.conv${index}`, { side: half, kernel: 3, from, to, kept }),
    batchNorm(`visual.bn${index}`, { side: half, channels: to }),
  ];
  const layers = [
    ...stem(1, 3, width / 2, 3 * imageSize ** 2),
    ...stem(2, width / 2, width / 2, half ** 2 * (width / 2)),
    ...stem(3, width / 2, width, half ** 2 * (width / 2)),
    pool('visual.avgpool', { kept: half ** 2 * width }),
  ];
  let side = half / 2;
  let from = width;
  for (const [stage, depth] of depths.entries()) {
    const inner = width * 2 ** stage;
    for (let index = 0; index < depth; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      layers.push(...bottleneck(`visual.layer${stage + 1}.${index}`, side, from, inner, stride));
      side /= stride;
      from = 4 * inner;
    }
  }
  return [...layers, ...attentionPool('visual.attnpool', side, from, heads, embedding)];
}

/** Layers of the text side for one text. The causal mask leaves T(T+1)/2 of T² pairs: only those are counted. */
export function clipTextLayers({ embedding, text }: ClipModel): Layer[] {
  const { context: tokens, vocabulary, width, heads, depth } = text;
  const pairs = (tokens * (tokens + 1)) / 2;
  const block = (name: string): Layer[] => [
    layerNorm(`${name}.ln_1`, { tokens, width }),
    {
      ...linear(`${name}.attn.in_proj`, { tokens, from: width, to: 3 * width }),
      parameters: { [`${name}.attn.in_proj_weight`]: [width, 3 * width], [`${name}.attn.in_proj_bias`]: [3 * width] },
    },
    matrixProduct(`${name}.attn.scores`, pairs * width, 3 * tokens * width),
    activation(`${name}.attn.softmax`, heads * tokens * tokens),
    matrixProduct(`${name}.attn.values`, pairs * width, 0),
    linear(`${name}.attn.out_proj`, { tokens, from: width, to: width }),
    layerNorm(`${name}.ln_2`, { tokens, width }),
    linear(`${name}.mlp.c_fc`, { tokens, from: width, to: 4 * width }),
    activation(`${name}.mlp.gelu`, 2 * tokens * 4 * width),
    linear(`${name}.mlp.c_proj`, { tokens, from: 4 * width, to: width }),
  ];
  return [
    vector('token_embedding.weight', [vocabulary, width]),
    vector('positional_embedding', [tokens, width]),
    ...Array.from({ length: depth }, (_, index) => block(`transformer.resblocks.${index}`)).flat(),
    layerNorm('ln_final', { tokens, width }),
    {
      ...linear('text_projection', { tokens: 1, from: width, to: embedding, bias: false }),
      parameters: { text_projection: [width, embedding] },
    },
  ];
}

/** Both sides, one image and one text, and the temperature. */
export const clipLayers = (model: ClipModel): Layer[] => [
  ...clipVisualLayers(model),
  ...clipTextLayers(model),
  vector('logit_scale', []),
];

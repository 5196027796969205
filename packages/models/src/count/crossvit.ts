/** The layers of a CrossViT, in the order of its forward pass, by timm's names. */
import type { CrossvitBranch, CrossvitModel } from '@ablate/contracts';
import { activation, convolution, type Layer, layerNorm, linear, matrixProduct, vector } from './layer.ts';
import { vitBlock } from './vit.ts';

const tokensOf = ({ imageSize }: CrossvitModel, branch: CrossvitBranch): number =>
  ((branch.imageSize ?? imageSize) / branch.patchSize) ** 2 + 1;

/** Kernel, stride and padding of the dagger models' second and third convolution; the first is 7×7, stride 4. */
function convolutionStem(name: string, side: number, { patchSize, width }: CrossvitBranch): Layer[] {
  const first = side / 4;
  const last = side / patchSize;
  const second = patchSize === 12 ? last : first / 2;
  const [quarter, half] = [width / 4, width / 2];
  return [
    convolution(`${name}.0`, { side: first, kernel: 7, from: 3, to: quarter, bias: true, kept: 3 * side ** 2 }),
    convolution(`${name}.2`, {
      side: second,
      kernel: 3,
      from: quarter,
      to: half,
      bias: true,
      kept: first ** 2 * quarter,
    }),
    convolution(`${name}.4`, { side: last, kernel: 3, from: half, to: width, bias: true, kept: second ** 2 * half }),
  ];
}

function embedding(model: CrossvitModel, branch: CrossvitBranch, index: number): Layer[] {
  const side = branch.imageSize ?? model.imageSize;
  const { patchSize, width } = branch;
  const name = `patch_embed.${index}.proj`;
  return [
    ...(model.stem === 'convolution'
      ? convolutionStem(name, side, branch)
      : [
          convolution(name, {
            side: side / patchSize,
            kernel: patchSize,
            from: 3,
            to: width,
            bias: true,
            kept: 3 * side ** 2,
          }),
        ]),
    vector(`cls_token_${index}`, [1, 1, width]),
    vector(`pos_embed_${index}`, [1, tokensOf(model, branch), width]),
  ];
}

/** LN > GELU > linear, from one branch's width to the other's, of the class token alone. */
const projection = (name: string, from: number, to: number): Layer[] => [
  layerNorm(`${name}.0`, { tokens: 1, width: from }),
  activation(`${name}.1`, from),
  linear(`${name}.2`, { tokens: 1, from, to }),
];

type CrossShape = { tokens: number; width: number; heads: number; bias: boolean };

/** One query, the class token, over all tokens of the other branch's width. */
const crossAttention = (name: string, { tokens, width, heads, bias }: CrossShape): Layer[] => [
  linear(`${name}.wq`, { tokens: 1, from: width, to: width, bias, kept: 0 }),
  linear(`${name}.wk`, { tokens, from: width, to: width, bias }),
  linear(`${name}.wv`, { tokens, from: width, to: width, bias, kept: 0 }),
  matrixProduct(`${name}.scores`, tokens * width, (2 * tokens + 1) * width),
  activation(`${name}.softmax`, heads * tokens),
  matrixProduct(`${name}.values`, tokens * width, 0),
  linear(`${name}.proj`, { tokens: 1, from: width, to: width }),
];

type Direction = { index: number; own: CrossvitBranch; other: CrossvitBranch };

const directions = ({ small, large }: CrossvitModel): Direction[] => [
  { index: 0, own: small, other: large },
  { index: 1, own: large, other: small },
];

const layersOf = (depth: number, layer: (index: number) => Layer[]): Layer[] =>
  Array.from({ length: depth }, (_, index) => layer(index)).flat();

/** The plain blocks of both branches. In `tokens` fusion q, k and v have no bias, and a norm follows. */
function encoders(model: CrossvitModel, name: string): Layer[] {
  const ofPaper = model.fusion === 'paper';
  return directions(model).flatMap(({ index, own }) => {
    const tokens = tokensOf(model, own);
    const shape = {
      tokens,
      width: own.width,
      heads: own.heads,
      bias: ofPaper,
      differential: false,
      dropout: model.dropout.attention > 0,
      hidden: own.width * model.mlpRatio,
      layerScale: false,
    };
    return [
      ...layersOf(own.depth, (layer) => vitBlock('preNorm', `${name}.blocks.${index}.${layer}`, shape)),
      ...(ofPaper ? [] : [layerNorm(`${name}.norm.${index}`, { tokens, width: own.width })]),
    ];
  });
}

type Exchange = (model: CrossvitModel, name: string, direction: Direction) => Layer[];

/** Project, attend, project back. */
const paper: Exchange = (model, name, { index, own, other }) => {
  const tokens = tokensOf(model, other);
  return [
    ...projection(`${name}.projs.${index}`, own.width, other.width),
    ...layersOf(model.crossDepth, (layer) => {
      const at = model.crossDepth === 1 ? `${name}.fusion.${index}` : `${name}.fusion.${index}.${layer}`;
      return [
        layerNorm(`${at}.norm1`, { tokens, width: other.width }),
        ...crossAttention(`${at}.attn`, { ...other, tokens, bias: true }),
      ];
    }),
    ...projection(`${name}.revert_projs.${index}`, other.width, own.width),
  ];
};

/** Stacked layers on the class token alone, with bare linear layers if widths differ. */
const classTokens: Exchange = (model, name, { index, own, other }) => {
  const bare = (at: string, from: number, to: number): Layer[] =>
    from === to ? [] : [linear(at, { tokens: 1, from, to })];
  return layersOf(model.crossDepth, (layer) => {
    const at = `${name}.cross.${layer}.${index}`;
    return [
      ...bare(`${at}.project_in`, own.width, other.width),
      layerNorm(`${at}.norm`, { tokens: 1, width: other.width }),
      ...crossAttention(`${at}.attn`, { ...other, tokens: tokensOf(model, other), bias: false }),
      ...bare(`${at}.project_out`, other.width, own.width),
    ];
  });
};

const exchanges: Record<CrossvitModel['fusion'], Exchange> = { paper, tokens: classTokens };

const stageLayers = (model: CrossvitModel, name: string): Layer[] => [
  ...encoders(model, name),
  ...directions(model).flatMap((direction) => exchanges[model.fusion](model, name, direction)),
];

/** Layers of a CrossViT for one image. Chen et al. 2021 (arXiv:2103.14899). */
export function crossvitLayers(model: CrossvitModel): Layer[] {
  const branches = [model.small, model.large];
  return [
    ...branches.flatMap((branch, index) => embedding(model, branch, index)),
    ...Array.from({ length: model.stages }, (_, stage) => stageLayers(model, `blocks.${stage}`)).flat(),
    ...branches.flatMap((branch, index) => [
      layerNorm(`norm.${index}`, { tokens: tokensOf(model, branch), width: branch.width }),
      linear(`head.${index}`, { tokens: 1, from: branch.width, to: model.classes }),
    ]),
  ];
}

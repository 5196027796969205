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

/** One query, the class token, over all tokens of the other branch's width. */
const crossAttention = (name: string, tokens: number, width: number, heads: number): Layer[] => [
  layerNorm(`${name}.norm1`, { tokens, width }),
  linear(`${name}.attn.wq`, { tokens: 1, from: width, to: width, kept: 0 }),
  linear(`${name}.attn.wk`, { tokens, from: width, to: width }),
  linear(`${name}.attn.wv`, { tokens, from: width, to: width, kept: 0 }),
  matrixProduct(`${name}.attn.scores`, tokens * width, (2 * tokens + 1) * width),
  activation(`${name}.attn.softmax`, heads * tokens),
  matrixProduct(`${name}.attn.values`, tokens * width, 0),
  linear(`${name}.attn.proj`, { tokens: 1, from: width, to: width }),
];

/** Both branches' blocks, then the exchange of class tokens, computed from the same inputs. */
function paperStage(model: CrossvitModel, name: string): Layer[] {
  const branches = [model.small, model.large];
  const other = (index: number): CrossvitBranch => branches[1 - index] ?? model.small;
  const fusionName = (index: number, layer: number): string =>
    model.crossDepth === 1 ? `${name}.fusion.${index}` : `${name}.fusion.${index}.${layer}`;
  return [
    ...branches.flatMap((branch, index) =>
      Array.from({ length: branch.depth }, (_, layer) =>
        vitBlock('preNorm', `${name}.blocks.${index}.${layer}`, {
          tokens: tokensOf(model, branch),
          width: branch.width,
          heads: branch.heads,
          bias: true,
          differential: false,
          dropout: model.dropout.attention > 0,
          hidden: branch.width * model.mlpRatio,
          layerScale: false,
        }),
      ).flat(),
    ),
    ...branches.flatMap((branch, index) => projection(`${name}.projs.${index}`, branch.width, other(index).width)),
    ...branches.flatMap((_, index) =>
      Array.from({ length: model.crossDepth }, (_, layer) =>
        crossAttention(fusionName(index, layer), tokensOf(model, other(index)), other(index).width, other(index).heads),
      ).flat(),
    ),
    ...branches.flatMap((branch, index) =>
      projection(`${name}.revert_projs.${index}`, other(index).width, branch.width),
    ),
  ];
}

/** Layers of a CrossViT for one image. Chen et al. 2021 (arXiv:2103.14899). */
export function crossvitLayers(model: CrossvitModel): Layer[] {
  const branches = [model.small, model.large];
  return [
    ...branches.flatMap((branch, index) => embedding(model, branch, index)),
    ...Array.from({ length: model.stages }, (_, stage) => paperStage(model, `blocks.${stage}`)).flat(),
    ...branches.flatMap((branch, index) => [
      layerNorm(`norm.${index}`, { tokens: tokensOf(model, branch), width: branch.width }),
      linear(`head.${index}`, { tokens: 1, from: branch.width, to: model.classes }),
    ]),
  ];
}

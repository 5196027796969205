/** Cost of a model, from its config alone: the API returns it before anything runs. */
import type { Model } from '@ablate/contracts';
import { clipLayers } from './clip.ts';
import { crossvitLayers } from './crossvit.ts';
import { type Layer, parameterCount } from './layer.ts';
import { resnetLayers } from './resnet.ts';
import { vitLayers } from './vit.ts';

/** Totals for one image (CLIP: and one text). `macs` are multiply-accumulates; `fvcore` is what fvcore's FlopCountAnalysis totals. */
export type Cost = {
  parameters: number;
  macs: number;
  fvcore: number;
  /** Bytes of float32 activations that one image's forward pass leaves for the backward pass. */
  activationBytes: number;
};

/** Every layer of a model in the order of its forward pass. */
export function modelLayers(model: Model): Layer[] {
  switch (model.family) {
    case 'vit':
      return vitLayers(model);
    case 'resnet':
      return resnetLayers(model);
    case 'crossvit':
      return crossvitLayers(model);
    case 'clip':
      return clipLayers(model);
  }
}

export const layerCost = (layer: Layer): Cost => ({
  parameters: parameterCount(layer),
  macs: layer.macs,
  fvcore: layer.macs + layer.fvcoreExtra,
  activationBytes: 4 * layer.kept,
});

/** The sum of some layers' costs. */
export const totalCost = (layers: readonly Layer[]): Cost =>
  layers.map(layerCost).reduce(
    (sum, cost) => ({
      parameters: sum.parameters + cost.parameters,
      macs: sum.macs + cost.macs,
      fvcore: sum.fvcore + cost.fvcore,
      activationBytes: sum.activationBytes + cost.activationBytes,
    }),
    { parameters: 0, macs: 0, fvcore: 0, activationBytes: 0 },
  );

/** Cost of one image's forward pass. A training step costs about three times its MACs. */
export const modelCost = (model: Model): Cost => totalCost(modelLayers(model));

const HEADS = /^(head|fc)(\.|$)/;

/** The same without the classifier: as DINO and other backbones report it. */
export const backboneCost = (model: Model): Cost =>
  totalCost(modelLayers(model).filter(({ name }) => !HEADS.test(name)));

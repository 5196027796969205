export { resizePositions } from './bicubic.ts';
export { buildClip, buildModel, type ClipNetwork, type Network } from './build.ts';
export { normalised } from './clip.ts';
export { describeParameters, type ParameterShape } from './describe.ts';
export { fuseHeads, HEAD_FUSIONS, type HeadFusion, massMask, patchAttention } from './inspect/attention.ts';
export { observe, observePass } from './inspect/observe.ts';
export { type Colour, type Palette, palette } from './inspect/palette.ts';
export {
  blend,
  encodePng,
  type Grid,
  greyed,
  type Picture,
  paint,
  rangeOf,
  spotlight,
  tile,
} from './inspect/picture.ts';
export { type RolloutOptions, type RolloutQuery, rollout } from './inspect/rollout.ts';
export { type Measure, similarity } from './inspect/similarity.ts';
export { type Float, float } from './inspect/tensor.ts';
export type { ForwardContext } from './ops.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  MAX_HEADER_BYTES,
  SafetensorsError,
  type TensorData,
} from './safetensors.ts';
export { layerSymmetries } from './symmetry/layers.ts';
export { type SymmetryRow, TOLERANCE } from './symmetry/measure.ts';
export { networkSymmetries } from './symmetry/networks.ts';
export { cleanText } from './text/clean.ts';
export { unescapeHtml } from './text/html-entities.ts';
export { PROMPTS, type PromptSet, promptsOf } from './text/prompts.ts';
export { openTokenizer, readTokenizer, type Tokenizer, TokenizerError } from './text/tokenizer.ts';
export { assignWeights, networkWeights } from './weights/assign.ts';
export { type Download, downloadWeights } from './weights/download.ts';
export { MAX_WEIGHTS_BYTES, readTensorsFile } from './weights/file.ts';
export { PUBLIC_NAMES } from './weights/names.ts';
export { type ReadWeights, readWeights, WeightsError, writeWeights } from './weights/transfer.ts';
export { zeroShotClassifier } from './zero-shot.ts';

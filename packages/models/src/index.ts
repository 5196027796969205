export { encodePng, type Picture } from '@ablate/files/png';
export { resizePositions } from './bicubic.ts';
export { buildClip, buildModel, type ClipNetwork, type Network } from './build.ts';
export { accuracyOf, addHits, countHits, type Hits, NO_HITS, rankOf } from './classify/accuracy.ts';
export { type ClassLabels, classLabels } from './classify/class-labels.ts';
export { type Classifier, headClassifier, promptClassifier } from './classify/classifier.ts';
export { normalised } from './clip.ts';
export { relativeDifference, sameArgmax } from './compare.ts';
export { describeParameters } from './describe.ts';
export { fuseHeads, massMask, patchAttention } from './inspect/attention.ts';
export { clipImages, clipTexts } from './inspect/clip-pass.ts';
export { lookEverywhere } from './inspect/everywhere.ts';
export { type ImageInput, imageBatches, tensorImages } from './inspect/images.ts';
export { type Inside, lookInside } from './inspect/inside.ts';
export { batchForMaps, checkMapMemory } from './inspect/map-memory.ts';
export {
  gridsOf,
  hasClassToken,
  isSigned,
  layerOf,
  meanGrid,
  patchColumns,
  selectMaps,
} from './inspect/maps.ts';
export { observe, observePass } from './inspect/observe.ts';
export { palette } from './inspect/palette.ts';
export {
  blend,
  type Grid,
  greyed,
  paint,
  rangeOf,
  spotlight,
  tile,
} from './inspect/picture.ts';
export { positionVectors } from './inspect/position-vectors.ts';
export { rollout } from './inspect/rollout.ts';
export { similarity } from './inspect/similarity.ts';
export { type Float, float } from './inspect/tensor.ts';
export { modelOf, type OpenNetwork, openNetwork } from './open-network.ts';
export type { ForwardContext } from './ops.ts';
export {
  compareWithReference,
  isParityCase,
  PARITY_CASES,
  type ParityRow,
} from './parity/compare-reference.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type TensorData,
} from './safetensors.ts';
export { exampleSymmetries } from './symmetry/examples.ts';
export { layerSymmetries } from './symmetry/layers.ts';
export { type SymmetryRow, TOLERANCE } from './symmetry/measure.ts';
export { networkSymmetries } from './symmetry/networks.ts';
export { cleanText } from './text/clean.ts';
export { unescapeHtml } from './text/html-entities.ts';
export { PROMPTS, promptsOf } from './text/prompts.ts';
export { openTokenizer, readTokenizer, type Tokenizer, TokenizerError } from './text/tokenizer.ts';
export { PRECISIONS, type Timed, timeForward } from './timing/timing.ts';
export { assignWeights, networkWeights } from './weights/assign.ts';
export { downloadWeights } from './weights/download.ts';
export { DEFAULT_NAMES, exportWeights } from './weights/export.ts';
export { readTensorsFile } from './weights/file.ts';

export { fitWeights, openWeights, type WeightsFile } from './weights/open.ts';
export type { RunCheckpoint } from './weights/run-checkpoint.ts';
export { gatherTensors, writeTensorsFile } from './weights/tensors-file.ts';
export { readWeights, writeWeights } from './weights/transfer.ts';
export { zeroShotClassifier } from './zero-shot.ts';

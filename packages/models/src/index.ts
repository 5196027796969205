export { buildModel, type Network } from './build.ts';
export { describeParameters, type ParameterShape } from './describe.ts';
export { type Float, observe, observePass } from './inspect/observe.ts';
export type { ForwardContext } from './ops.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  MAX_HEADER_BYTES,
  SafetensorsError,
  type TensorData,
} from './safetensors.ts';
export { assignWeights, networkWeights } from './weights/assign.ts';
export { type Download, downloadWeights } from './weights/download.ts';
export { MAX_WEIGHTS_BYTES, readTensorsFile } from './weights/file.ts';
export { PUBLIC_NAMES } from './weights/names.ts';
export { type ReadWeights, readWeights, WeightsError, writeWeights } from './weights/transfer.ts';

export { buildModel, type Network } from './build.ts';
export { describeParameters, type ParameterShape } from './describe.ts';
export type { ForwardContext } from './ops.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  MAX_HEADER_BYTES,
  SafetensorsError,
  type TensorData,
} from './safetensors.ts';

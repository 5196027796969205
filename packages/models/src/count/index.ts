/** Layer tables and costs. Loads neither TensorFlow nor the rest of `@ablate/models`. */

export { clipTextLayers, clipVisualLayers } from './clip.ts';
export { backboneCost, type Cost, layerCost, modelCost, modelLayers, totalCost } from './count.ts';

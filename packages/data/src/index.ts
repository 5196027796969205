export { shearing, transform } from './augment/affine.ts';
export { type Augmenter, augmenter } from './augment/augmenter.ts';
export { gaussian } from './augment/blur.ts';
export { type ChangeName, policyChanges } from './augment/changes.ts';
export { grayscale, hue } from './augment/color.ts';
export { reflected, shifted } from './augment/crop.ts';
export { flip, flipVertical } from './augment/geometry.ts';
export {
  contactSheet,
  encodePng,
  SheetError,
  type SheetOptions,
  type SheetSet,
} from './augment/sheet/contact-sheet.ts';
export { drawSheetInThread } from './augment/sheet/draw-in-thread.ts';
export { drawSheet, type SheetRequest } from './augment/sheet/draw-sheet.ts';
export { TIMM_LEVELS, type TimmName } from './augment/timm-levels.ts';
export { SPACES } from './augment/torchvision-policies.ts';
export {
  type Batch,
  type BatchSpec,
  batchesPerEpoch,
  batchLengths,
  batchPlan,
  evaluationBatches,
  normalisedBy,
  normaliser,
  openBatchMaker,
} from './batch/batches.ts';
export { defaultThreads, type Loader, openLoader } from './batch/loader/loader.ts';
export { openRing, type RingMemory, ringMemory } from './batch/loader/ring.ts';
export { startThreads } from './batch/loader/threads.ts';
export { mixer, oneHot } from './batch/mix.ts';
export { type Split, split } from './batch/split.ts';
export {
  type Dataset,
  DatasetError,
  type DatasetProgress,
  type ImageSet,
  type OnProgress,
  type Picture,
} from './dataset.ts';
export { decodeImage } from './image/decode.ts';
export { PREPARATIONS, type PreparationName, type Prepared, prepare } from './image/preprocess.ts';
export { centreCrop, type ResizeFilter, resize, resizer, resizeShort } from './image/resize.ts';
export { verifyCache } from './pack/cache.ts';
export { inspectDataset, type OpenOptions, openDataset } from './pack/open.ts';
export { openPixels, type PixelReader, type Pixels } from './pack/pixels.ts';
export { download } from './source/download.ts';
export { folderEntries, tarEntries } from './source/entries.ts';
export { dataFolders, datasetsIn, findDataset, type Source } from './source/find.ts';
export { OFFICIAL_FILES, type OfficialFile } from './source/official.ts';
export { shapes10Samples } from './source/shapes10.ts';

export { shearing, transform } from './augment/affine.ts';
export { augmenter } from './augment/augmenter.ts';
export { gaussian } from './augment/blur.ts';
export { grayscale, hue } from './augment/color.ts';
export { reflected, shifted } from './augment/crop.ts';
export { flip, flipVertical } from './augment/geometry.ts';
export { type ChangeName, policyChanges } from './augment/policy-changes.ts';
export { TIMM_LEVELS, type TimmName } from './augment/timm-levels.ts';
export { SPACES } from './augment/torchvision-policies.ts';
export {
  type Batch,
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
export { startThreads, type ThreadInput } from './batch/loader/threads.ts';
export { mixer, oneHot } from './batch/mix.ts';
export { split } from './batch/split.ts';
export { spreadOverClasses } from './batch/spread.ts';
export {
  type Dataset,
  DatasetError,
  type DatasetProgress,
  type ImageSet,
  type Picture,
  type Pixels,
} from './dataset.ts';
export { openBudget } from './image/budget.ts';
export { decodeImage, decodingBytes } from './image/decode.ts';
export { pictureHeader } from './image/picture-header.ts';
export { type PreparationName, prepare, preparer } from './image/preprocess.ts';
export { resize, resizeAndCrop, resizer } from './image/resize.ts';
export { verifyCache } from './pack/cache.ts';
export { type PackedCopy, packedCopies, removeCopy } from './pack/copies.ts';
export type { Manifest } from './pack/files.ts';
export { inspectDataset, type OpenOptions, openDataset } from './pack/open.ts';
export { packCommand } from './pack/pack-command.ts';
export { openPixels } from './pack/pixels.ts';
export { SheetError } from './sheet/contact-sheet.ts';
export { drawSheet, drawSheetInThread, type SheetRequest } from './sheet/draw-sheet.ts';
export { SPRITE_COLUMNS } from './sheet/sprite.ts';
export { openSprites } from './sheet/sprites.ts';
export { download } from './source/download.ts';
export { folderEntries, tarEntries } from './source/entries.ts';
export { IMAGE_EXTENSIONS, isImageFile } from './source/file-kinds.ts';
export { dataFolders, datasetsIn, findDataset } from './source/find.ts';
export { classFolders, labelledPictures } from './source/labelled.ts';
export { OFFICIAL_FILES } from './source/official.ts';
export { shapes10Samples } from './source/shapes10.ts';
export { isRefused } from './source/source.ts';

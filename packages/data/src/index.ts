export { type Augmenter, augmenter } from './augment/augmenter.ts';
export { type Batch, type BatchSpec, batchesPerEpoch, evaluationBatches, normalisedBy } from './batches.ts';
export { verifyCache } from './cache.ts';
export {
  type Dataset,
  DatasetError,
  type DatasetProgress,
  type ImageSet,
  type OnProgress,
  type Picture,
} from './dataset.ts';
export { download } from './download.ts';
export { decodeImage } from './image.ts';
export { defaultThreads, type Loader, openLoader } from './loader/loader.ts';
export { OFFICIAL_FILES, type OfficialFile } from './official.ts';
export { inspectDataset, type OpenOptions, openDataset } from './open.ts';
export { openPixels, type PixelReader, type Pixels } from './pixels.ts';
export { PREPARATIONS, type PreparationName, type Prepared, prepare } from './preprocess.ts';
export { centreCrop, type ResizeFilter, resize, resizer, resizeShort } from './resize.ts';
export { contactSheet, encodePng, SheetError, type SheetOptions, type SheetSet } from './sheet/contact-sheet.ts';
export { drawSheetInThread } from './sheet/draw-in-thread.ts';
export { drawSheet, type SheetRequest } from './sheet/draw-sheet.ts';
export { dataFolders, datasetsIn, findDataset, type Source } from './sources.ts';
export { type Split, split } from './split.ts';

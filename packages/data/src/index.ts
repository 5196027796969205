export { type Batch, type BatchSpec, batchesPerEpoch, evaluationBatches, normalisedBy } from './batches.ts';
export { type Dataset, DatasetError, type DatasetProgress, type ImageSet, type OnProgress } from './dataset.ts';
export { download, OFFICIAL_FILES, type OfficialFile } from './download.ts';
export { decodeImage, type Picture } from './image.ts';
export { defaultThreads, type Loader, openLoader } from './loader/loader.ts';
export { type OpenOptions, openDataset } from './open.ts';
export { openPixels, type PixelReader, type Pixels } from './pixels.ts';
export { dataFolders, findDataset, type Source } from './sources.ts';
export { type Split, split } from './split.ts';

/** Where a data set is, and in which format. */
export type Format =
  | 'image-folder'
  | 'cifar10-binary'
  | 'cifar100-binary'
  | 'idx'
  | 'webdataset'
  | 'parquet'
  | 'cifar-python'
  | 'packed-archive';

/** A data set that was found: the file or folder that contains it. */
export type Source = { name: string; path: string; format: Format; container: 'tar' | 'folder' };

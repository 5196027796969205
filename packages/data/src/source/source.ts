/** Where a data set is, and in which format. */
export type Format =
  | 'image-folder'
  | 'cifar10-binary'
  | 'cifar100-binary'
  | 'idx'
  | 'webdataset'
  | 'parquet'
  | 'cifar-python'
  | 'packed-archive'
  | 'ambiguous';

/** A data set that was found: the file or folder that contains it. `also`: another one of the same name. */
export type Source = { name: string; path: string; format: Format; container: 'tar' | 'folder'; also?: string };

/** Whether reading refuses the source, with what to do instead. */
export const isRefused = ({ format }: Pick<Source, 'format'>): boolean =>
  format === 'cifar-python' || format === 'packed-archive' || format === 'ambiguous';

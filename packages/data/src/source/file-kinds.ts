/** What a file is, by its name: the one rule for what belongs to a data set. */

/** `image`: decoded. `other`: an image, or an archive of images, that is not read here. `text`: describes images. */
export type FileKind = 'image' | 'other' | 'text' | 'unknown';

const EXTENSIONS: Readonly<Record<Exclude<FileKind, 'unknown'>, readonly string[]>> = {
  image: ['jpg', 'jpeg', 'jpe', 'jif', 'jfif', 'png', 'apng', 'webp', 'tif', 'tiff', 'bmp', 'dib'],
  other: [
    ...['avif', 'cr2', 'dcm', 'dng', 'exr', 'gif', 'hdr', 'heic', 'heif', 'ico', 'j2k', 'jp2', 'jpf', 'jpx', 'jxl'],
    ...['mng', 'nef', 'pbm', 'pcx', 'pgm', 'pnm', 'ppm', 'psd', 'svg', 'tga', 'xcf'],
    ...['7z', 'bz2', 'gz', 'h5', 'hdf5', 'lmdb', 'npy', 'npz', 'parquet', 'rar', 'tar', 'tgz', 'xz', 'zip', 'zst'],
  ],
  text: [
    ...['bib', 'cff', 'cfg', 'cls', 'csv', 'htm', 'html', 'ini', 'ipynb', 'json', 'jsonl', 'lock', 'log', 'mat', 'md'],
    ...['md5', 'pdf', 'pkl', 'py', 'rst', 'sha256', 'sh', 'tex', 'toml', 'tsv', 'txt', 'url', 'xml', 'yaml', 'yml'],
  ],
};
const KIND_OF = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, names]) => names.map((name) => [name, kind as FileKind] as const)),
);

/** The extension in lower case, without the dot; empty if there is none. */
export const extensionOf = (path: string): string => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

export const fileKind = (path: string): FileKind => KIND_OF.get(extensionOf(path)) ?? 'unknown';

/** Names that operating systems, editors and file servers use. */
const SYSTEM = new Set([
  ...['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '$recycle.bin', 'system volume information'],
  ...['@eadir', '#recycle', 'lost+found', '__pycache__', 'icon\r'],
]);

/** Whether one part of a path is hidden or made by a system: `._x.png`, `.ipynb_checkpoints`, `__MACOSX`, `Thumbs.db`. */
export const isSystemName = (part: string): boolean => part.startsWith('.') || SYSTEM.has(part.toLowerCase());

export const isSystemPath = (path: string): boolean => path.split('/').some(isSystemName);

/** Extensions of the files that are decoded. */
export const IMAGE_EXTENSIONS = EXTENSIONS.image;

/** Whether a file is decoded as an image. */
export const isImageFile = (path: string): boolean => fileKind(path) === 'image' && !isSystemPath(path);

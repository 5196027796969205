/** The names that files and folders have as data sets. */
import type { Format, Source } from './source.ts';

/** A name that a file or folder may be found by. The lowest `rank` is the best; `format` `detect`: by the files in the folder. */
export type Candidate = {
  name: string;
  rank: number;
  container: Source['container'];
  format: Format | 'detect';
};

type Official = { name: string; file: string; container: Source['container']; format: Format };

/** Python versions of CIFAR come after everything else: reading refuses them. */
const OFFICIAL: readonly Official[] = [
  { name: 'cifar10', file: 'cifar-10-binary.tar.gz', format: 'cifar10-binary', container: 'tar' },
  { name: 'cifar10', file: 'cifar-10-batches-bin', format: 'cifar10-binary', container: 'folder' },
  { name: 'cifar100', file: 'cifar-100-binary.tar.gz', format: 'cifar100-binary', container: 'tar' },
  { name: 'cifar100', file: 'cifar-100-binary', format: 'cifar100-binary', container: 'folder' },
  { name: 'cifar10', file: 'cifar-10-python.tar.gz', format: 'cifar-python', container: 'tar' },
  { name: 'cifar10', file: 'cifar-10-batches-py', format: 'cifar-python', container: 'folder' },
  { name: 'cifar100', file: 'cifar-100-python.tar.gz', format: 'cifar-python', container: 'tar' },
  { name: 'cifar100', file: 'cifar-100-python', format: 'cifar-python', container: 'folder' },
];

type Ending = { ending: string; container: Source['container']; format: Candidate['format'] };

/** Best first. */
const ENDINGS: readonly Ending[] = [
  { ending: '.tar', container: 'tar', format: 'image-folder' },
  { ending: '.tar.gz', container: 'tar', format: 'image-folder' },
  { ending: '.tgz', container: 'tar', format: 'image-folder' },
  { ending: '-imagefolder.tar', container: 'tar', format: 'image-folder' },
  { ending: '-imagefolder.tar.gz', container: 'tar', format: 'image-folder' },
  { ending: '', container: 'folder', format: 'detect' },
  { ending: '-imagefolder', container: 'folder', format: 'image-folder' },
  ...['.zip', '.tar.xz', '.txz', '.tar.bz2', '.tbz2', '.tar.zst', '.tzst', '.7z', '.rar'].map(
    (ending): Ending => ({ ending, container: 'tar', format: 'packed-archive' }),
  ),
];

/** From this rank on, reading refuses the format: used only if there is no other. */
export const REFUSED_RANK = 1000;
/** Added if the name had to be changed. */
const CHANGED_RANK = 100;

/** The commands that make an archive readable, by its ending. */
export const UNPACK_COMMANDS: Readonly<Record<string, (archive: string, folder: string) => string>> = {
  '.zip': (archive, folder) => `unzip ${archive} -d ${folder}`,
  '.7z': (archive, folder) => `7z x ${archive} -o${folder}`,
  '.rar': (archive, folder) => `unrar x ${archive} ${folder}/`,
  '': (archive, folder) => `mkdir ${folder} && tar -xf ${archive} -C ${folder}`,
};

/** A file or folder name as a data set's name: `Imagenette 2` is `imagenette-2`. Empty if nothing is left of it. */
const datasetName = (file: string): string =>
  /^[a-z0-9][a-z0-9._-]{0,63}$/.test(file)
    ? file
    : file
        .normalize('NFKD')
        .toLowerCase()
        .replace(/\p{M}/gu, '')
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+|-+$/g, '')
        .slice(0, 64);

/** The names of a file or folder, best first: `pets-imagefolder.tar` is `pets`, and can be called `pets-imagefolder`. */
export function candidatesFor(file: string, container: Source['container']): Candidate[] {
  const official = OFFICIAL.findIndex((known) => known.file === file && known.container === container);
  if (official >= 0) {
    const { name, format } = OFFICIAL[official]!;
    const isRefused = format === 'cifar-python';
    return [{ name, format, container, rank: isRefused ? REFUSED_RANK : official - OFFICIAL.length }];
  }
  const lower = file.toLowerCase();
  return ENDINGS.flatMap(({ ending, container: wanted, format }, rank): Candidate[] => {
    if (wanted !== container || !lower.endsWith(ending)) return [];
    const stem = file.slice(0, file.length - ending.length);
    const name = datasetName(stem);
    const cost = (name === stem ? 0 : CHANGED_RANK) + (format === 'packed-archive' ? REFUSED_RANK : 0);
    return name === '' ? [] : [{ name, container, format, rank: rank + cost }];
  }).sort((a, b) => a.name.length - b.name.length);
}

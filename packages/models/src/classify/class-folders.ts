/** Labelled pictures on disk: a folder for each class. */
import { opendir, readFile, stat } from 'node:fs/promises';
import { UserError } from '@ablate/contracts';
import { isMissingPath } from '@ablate/files';

const MAX_BYTES = 10_000_000;
const MAX_FOLDERS = 100_000;

type ClassName = {
  /** The name of its folder. */
  folder: string;
  /** Its name in prompts and tables. */
  name: string;
};

/** The folders in a folder, sorted by name. */
async function foldersOf(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) if (entry.isDirectory()) names.push(entry.name);
  } catch (error) {
    if (isMissingPath(error)) throw new UserError(`${path} is not a folder of class folders`, 'usage');
    throw error;
  }
  if (names.length === 0 || names.length > MAX_FOLDERS)
    throw new UserError(`${path} has ${names.length} class folders; the limits are 1 and ${MAX_FOLDERS}`, 'usage');
  return names.sort();
}

/** Classes in the order of the network's outputs: lines `name`, or `folder<TAB>name`. */
async function classesOf(path: string): Promise<ClassName[]> {
  if ((await stat(path)).size > MAX_BYTES)
    throw new UserError(`${path} is too large for a list of classes: the limit is ${MAX_BYTES} bytes`, 'usage');
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  const classes = lines.map((line) => {
    const [folder = '', name = folder] = line.split('\t').map((part) => part.trim());
    return { folder, name };
  });
  const seen = new Set<string>();
  for (const { folder } of classes) {
    if (seen.has(folder)) throw new UserError(`duplicate folder "${folder}" in ${path}`, 'usage');
    seen.add(folder);
  }
  return classes;
}

export type LabelledFolders = {
  classes: ClassName[];
  /** The folders of `input`, each with the index of its class. */
  folders: { folder: string; label: number }[];
};

/** The class folders of `input` with their labels. Without a list, the folders sorted by name are the classes. @throws UserError */
export async function labelledFolders(input: string, list: string | undefined): Promise<LabelledFolders> {
  const names = await foldersOf(input);
  const classes = list === undefined ? names.map((name) => ({ folder: name, name })) : await classesOf(list);
  const labels = new Map(classes.map(({ folder }, label) => [folder, label]));
  const folders = names.map((folder) => {
    const label = labels.get(folder);
    if (label === undefined)
      throw new UserError(`unknown class: folder "${folder}" of ${input} is not in ${list}`, 'usage');
    return { folder, label };
  });
  return { classes, folders };
}

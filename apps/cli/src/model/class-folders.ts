/** Pictures whose class is the folder that they lie in, and the names of classes. */
import { opendir, readFile, stat } from 'node:fs/promises';
import { isMissingPath } from '@ablate/files';
import { EXIT, Failure } from '../failure.ts';

const MAX_BYTES = 10_000_000;
const MAX_FOLDERS = 100_000;

export type ClassName = {
  /** What its folder of pictures is called. */
  folder: string;
  /** What it is called in prompts and tables. */
  name: string;
};

/** Folders inside a folder, by name. */
async function foldersOf(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) if (entry.isDirectory()) names.push(entry.name);
  } catch (error) {
    if (isMissingPath(error)) throw new Failure(`${path} is not a folder of class folders`, EXIT.usage);
    throw error;
  }
  if (names.length === 0 || names.length > MAX_FOLDERS)
    throw new Failure(
      `${path} holds ${names.length} class folders; between 1 and ${MAX_FOLDERS} are taken`,
      EXIT.usage,
    );
  return names.sort();
}

/** Classes in the order of the network's outputs: lines `name`, or `folder<TAB>name`. */
async function classesOf(path: string): Promise<ClassName[]> {
  if ((await stat(path)).size > MAX_BYTES)
    throw new Failure(`${path} is larger than a list of classes can be`, EXIT.usage);
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  const classes = lines.map((line) => {
    const [folder = '', name = folder] = line.split('\t').map((part) => part.trim());
    return { folder, name };
  });
  const seen = new Set<string>();
  for (const { folder } of classes) {
    if (seen.has(folder)) throw new Failure(`${path} lists the folder "${folder}" twice`, EXIT.usage);
    seen.add(folder);
  }
  return classes;
}

export type LabelledFolders = {
  classes: ClassName[];
  /** Folders that there are pictures in, each with the number of its class. */
  folders: { folder: string; label: number }[];
};

/** Match the folders of `input` with classes. Without a list, the folders by name are the classes. */
export async function labelledFolders(input: string, list: string | undefined): Promise<LabelledFolders> {
  const names = await foldersOf(input);
  const classes = list === undefined ? names.map((name) => ({ folder: name, name })) : await classesOf(list);
  const labels = new Map(classes.map(({ folder }, label) => [folder, label]));
  const folders = names.map((folder) => {
    const label = labels.get(folder);
    if (label === undefined) throw new Failure(`the folder "${folder}" of ${input} is not in ${list}`, EXIT.usage);
    return { folder, label };
  });
  return { classes, folders };
}

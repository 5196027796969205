/** Which output of a network belongs to which class folder. */
import { readFile, stat } from 'node:fs/promises';
import { UserError } from '@ablate/contracts';
import type { RunCheckpoint } from '../weights/run-checkpoint.ts';

const MAX_BYTES = 10_000_000;
const MAX_NAMED = 5;

export type ClassLabels = {
  /** The name of each output, in order. */
  names: string[];
  /** The output of each class folder. */
  labels: ReadonlyMap<string, number>;
  /** Folders of classes that the run did not use. */
  leftOut: string[];
};

/** The name of an output in prompts and tables, and the name of its folder. */
type ClassName = { folder: string; name: string };

/** Classes in the order of the network's outputs: lines `name`, or `folder<TAB>name`. */
async function classesIn(path: string): Promise<ClassName[]> {
  if ((await stat(path)).size > MAX_BYTES)
    throw new UserError(`${path} is too large for a list of classes: the limit is ${MAX_BYTES} bytes`, 'usage');
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [folder = '', name = folder] = line.split('\t').map((part) => part.trim());
    return { folder, name };
  });
}

const sample = (names: readonly string[]): string =>
  names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? `, … (${names.length})` : '');

function labelsOf(classes: readonly ClassName[], from: string): Map<string, number> {
  const labels = new Map<string, number>();
  for (const [label, { folder }] of classes.entries()) {
    if (labels.has(folder))
      throw new UserError(`duplicate class "${folder}" in ${from}: give --classes with a folder for each`, 'usage');
    labels.set(folder, label);
  }
  return labels;
}

/**
 * The output of each of the class folders of `input`: by the list of `--classes`, else by the class names of a run, else in the
 * order of the folders' names.
 * @throws UserError if a folder belongs to no output, or two outputs have one folder
 */
export async function classLabels(
  folders: readonly string[],
  { input, list, checkpoint }: { input: string; list?: string; checkpoint: RunCheckpoint | null },
): Promise<ClassLabels> {
  const trained = checkpoint && 'classes' in checkpoint.preprocessing ? checkpoint.preprocessing.classes : null;
  const ofRun = list === undefined && trained !== null;
  if (checkpoint && 'missing' in checkpoint.preprocessing && list === undefined)
    throw new UserError(
      `the checkpoint has no class names: ${checkpoint.preprocessing.missing}. Give --classes, a file with a line for each output`,
      'usage',
    );
  const classes =
    list !== undefined
      ? await classesIn(list)
      : (trained ?? folders).map((folder): ClassName => ({ folder, name: folder }));
  const from = list ?? (ofRun ? "the run's classes" : input);
  const labels = labelsOf(classes, from);
  const unknown = folders.filter((folder) => !labels.has(folder));
  // A run that chose classes left the others out of its own test, too.
  const mayLeaveOut = ofRun && checkpoint?.choseClasses === true && unknown.length < folders.length;
  if (unknown.length > 0 && !mayLeaveOut)
    throw new UserError(
      `unknown class: ${sample(unknown.map((folder) => `"${folder}"`))} of ${input} ${unknown.length === 1 ? 'is' : 'are'} not in ${from}` +
        (ofRun ? ` (${sample(classes.map(({ name }) => name))}). Give --input a folder with those class folders` : ''),
      'usage',
    );
  return { names: classes.map(({ name }) => name), labels, leftOut: unknown };
}

/** Studies as folders: what `studies/<name>` holds. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type PointerComplaint, pointerComplaints, readJson, Spec, UserError, zodComplaints } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { parseStudyText, type StudyText } from './study-text.ts';

/** The studies that come with Ablate. */
export const STUDIES = join(REPOSITORY, 'studies');

/** Specs are written at this scale: it is what `ablate submit studies/NAME/sweep.json` runs. */
export const WRITTEN_SCALE = 'cpu';

type StudySweep = {
  /** `sweep` for `sweep.json`, `samples` for `sweep-samples.json`. */
  name: string;
  spec: Spec;
};

type StudyQuery = { name: string; file: string; text: string };

export type Study = {
  name: string;
  folder: string;
  text: StudyText;
  /** Empty for a study that measures without training. */
  sweeps: StudySweep[];
  queries: StudyQuery[];
};

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const SWEEP_FILE = /^sweep(?:-([a-z0-9-]+))?\.json$/;

/** The names of the studies in a folder. */
async function studyNames(folder = STUDIES): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true });
  return found
    .filter((entry) => entry.isDirectory() && NAME.test(entry.name) && existsSync(join(folder, entry.name, 'study.md')))
    .map(({ name }) => name)
    .sort();
}

async function readSweep(file: string, shown: string): Promise<Spec> {
  const read = readJson(await readFile(file, 'utf8'));
  if ('malformed' in read) throw new UserError(`${shown} is not valid JSON: ${read.malformed}`, 'usage');
  const invalid = ([complaint]: PointerComplaint[]) =>
    new UserError(`${shown} is not a valid spec: ${complaint?.pointer}: ${complaint?.detail}`, 'usage');
  if ('complaints' in read) throw invalid(pointerComplaints(read.complaints));
  const { success, data, error } = Spec.safeParse(read.value);
  if (success) return data;
  throw invalid(pointerComplaints(zodComplaints(error)));
}

/** Reads one study. @throws UserError if there is none of this name, or a file of it is invalid */
export async function readStudy(name: string, folder = STUDIES): Promise<Study> {
  const names = await studyNames(folder);
  if (!names.includes(name)) throw new UserError(`unknown study "${name}": ${names.join(', ')}`, 'usage');
  const own = join(folder, name);
  const shown = (file: string) => relative(REPOSITORY, join(own, file));
  const text = parseStudyText(shown('study.md'), await readFile(join(own, 'study.md'), 'utf8'));
  const files = (await readdir(own)).filter((file) => SWEEP_FILE.test(file)).sort();
  const sweeps = await Promise.all(
    files.map(async (file) => ({
      name: SWEEP_FILE.exec(file)?.[1] ?? 'sweep',
      spec: await readSweep(join(own, file), shown(file)),
    })),
  );
  if (sweeps.length > 0 && text.scales === undefined)
    throw new UserError(`${shown('study.md')}: Scales: a study with a sweep needs the table of its scales`, 'usage');
  const queries = existsSync(join(own, 'queries')) ? (await readdir(join(own, 'queries'))).sort() : [];
  return {
    name,
    folder: own,
    text,
    sweeps,
    queries: await Promise.all(
      queries
        .filter((file) => file.endsWith('.sql'))
        .map(async (file) => ({
          name: file.replace(/\.sql$/, ''),
          file: shown(join('queries', file)),
          text: await readFile(join(own, 'queries', file), 'utf8'),
        })),
    ),
  };
}

export const readStudies = async (folder = STUDIES): Promise<Study[]> =>
  Promise.all((await studyNames(folder)).map((name) => readStudy(name, folder)));

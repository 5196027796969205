/** The sample sweep of a fresh installation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, all } from '@ablate/client';
import { Spec } from '@ablate/contracts';
import { DatasetError, dataFolders, download, findDataset, isRefused, OFFICIAL_FILES } from '@ablate/data';
import { REPOSITORY } from '@ablate/files';
import type { StartEnv } from '@ablate/supervisor';
import { formatAnswer } from '../answer/format.ts';
import type { Screen } from '../screen.ts';
import { watchSweep } from '../sweep/watch.ts';

const STUDY = join(REPOSITORY, 'studies', 'first-run', 'sweep.json');
const STAND_IN = 'shapes10';

/** Finds a data set on this machine, else downloads it. Resolves to null, or to why it is not available. */
async function provide(name: string, { home, data }: StartEnv, screen: Screen): Promise<string | null> {
  const folders = dataFolders({ data, repository: REPOSITORY, home });
  const found = await findDataset(name, { folders });
  if (found && !isRefused(found)) return null;
  const official = OFFICIAL_FILES[name];
  if (!official) return `${name} is missing in ${folders.join(', ')}`;
  try {
    screen.line(`Downloading ${name} from ${official.url}`);
    await download(official, {
      folder: join(home, 'data'),
      onProgress: ({ done, total }) => screen.live([`  ${Math.floor((100 * done) / (total || 1))} %`]),
    });
    return null;
  } catch (error) {
    if (error instanceof DatasetError) return error.message;
    throw error;
  } finally {
    screen.clear();
  }
}

async function readStudy(): Promise<Record<string, unknown> & { name: string; dataset: { name: string } }> {
  const written = JSON.parse(await readFile(STUDY, 'utf8'));
  const { name, dataset } = Spec.parse(written);
  return { ...written, name, dataset: { ...written.dataset, name: dataset.name } };
}

/** The sample sweep if it is unfinished; else submits it if the database has no sweeps; else null. */
async function findOrSubmit(api: Api, env: StartEnv, screen: Screen): Promise<{ id: string } | null> {
  const study = await readStudy();
  const sweeps = await all(api.sweeps.list());
  if (sweeps.length > 0)
    return sweeps.find(({ name, state }) => name === study.name && (state === 'queued' || state === 'running')) ?? null;
  const why = await provide(study.dataset.name, env, screen);
  if (why !== null) {
    screen.line(`The sample trains on ${STAND_IN}, a generated data set: ${why}`);
    study.dataset.name = STAND_IN;
  }
  return api.sweeps.create(study);
}

/** Runs the sample and prints its table, unless this installation has other sweeps. */
export async function runSample(api: Api, env: StartEnv, screen: Screen, signal: AbortSignal): Promise<void> {
  const sweep = await findOrSubmit(api, env, screen);
  if (!sweep) return;
  await watchSweep(api, sweep.id, { screen, signal });
  screen.line(`\n${formatAnswer(await api.sweeps.answer(sweep.id))}\n`);
}

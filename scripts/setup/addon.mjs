import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makePlainFolder } from '../../packages/files/src/plain-path.mjs';
import { answer, SetupError } from './command.mjs';
import { findPython } from './prerequisites.mjs';
import { fingerprint, isStamped, stamp } from './stamp.mjs';
import { installedPrint, tensorflowFolder } from './tensorflow.mjs';

/** Library names that binding.gyp links, and their files in the wheel.
 * @type {Record<string, Record<string, string>>} */
const LIBRARIES = {
  linux: {
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  },
  darwin: { 'libtensorflow.2.dylib': 'libtensorflow_cc.2.dylib' },
};

/** @typedef {import('./steps.mjs').Context} Context */

/** @type {(context: Context) => string} */
const packageFolder = ({ repository }) => join(repository, 'node_modules', '@tensorflow', 'tfjs-node-gpu');

/** @type {(context: Context) => string} */
const stampFile = (context) => join(packageFolder(context), 'addon.stamp');

/** Included first by every source of the add-on.
 * @type {(context: Context) => string} */
const references = ({ repository }) => join(repository, 'scripts', 'setup', 'references.h');

/** @type {(context: Context) => string} */
const print = (context) =>
  fingerprint(installedPrint(context), process.platform, process.arch, { file: references(context) });

/** Leaves a link as it is if it is right: a running process may be loading through it.
 * @type {(path: string, to: string) => void} */
function link(path, to) {
  const target = relative(dirname(path), to); // relative: a checkout may be moved
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(path) === target) return;
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

/** @type {(text: string) => string} */
const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @type {(context: Context) => boolean} */
function isDone(context) {
  if (!tensorflowFolder(context) || !isStamped(stampFile(context), print(context))) return false;
  const lib = join(packageFolder(context), 'lib');
  return existsSync(lib) && readdirSync(lib).some((napi) => existsSync(join(lib, napi, 'tfjs_binding.node')));
}

/** What node-gyp reads of the package. */
const SOURCES = ['binding', 'binding.gyp', 'package.json'];

/**
 * Compiles the add-on in `build`, a copy of its sources: make takes a blank or a shell's special character in the path of a
 * checkout for the end of a name. Everything outside is reached by links.
 * @type {(build: string, wheel: string, context: Context) => Promise<void>}
 */
async function compile(build, wheel, context) {
  for (const name of SOURCES) cpSync(join(packageFolder(context), name), join(build, name), { recursive: true });
  cpSync(references(context), join(build, 'references.h'));
  mkdirSync(join(build, 'deps'));
  symlinkSync(join(wheel, 'include'), join(build, 'deps', 'include'));
  symlinkSync(wheel, join(build, 'deps', 'lib'));
  const prefix = dirname(dirname(process.execPath));
  // The headers of the running Node.js, if they are installed, so that node-gyp need not download them.
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'common.gypi'));
  if (hasHeaders) symlinkSync(prefix, join(build, 'node'));

  const options = [
    '--build-from-source',
    `--directory=${build}`,
    ...(hasHeaders ? [`--nodedir=${join(build, 'node')}`] : []),
  ];
  await context.run('npm', ['exec', '--no', '--', 'node-pre-gyp', 'install', ...options], {
    cwd: context.repository,
    env: {
      NODE_GYP_FORCE_PYTHON: findPython() ?? undefined,
      CXXFLAGS: [process.env.CXXFLAGS, `-include ${join(build, 'references.h')}`].filter(Boolean).join(' '),
    },
    remedy:
      'The add-on did not compile. Check that g++ (or clang) and make are installed, and that node-gyp can download headers from nodejs.org.',
  });
}

/** @type {import('./steps.mjs').Step} */
export const addon = {
  title: () => 'TensorFlow under tf.js',
  needs: ['npm', 'tensorflow'],
  tools: ['node', 'npm', 'python', 'compiler', 'make'],
  isDone,
  run: async (context) => {
    const wheel = tensorflowFolder(context);
    if (!wheel) throw new SetupError('the TensorFlow wheel is missing: run npm run setup');
    for (const [name, file] of Object.entries(LIBRARIES[process.platform] ?? {}))
      link(join(wheel, name), join(wheel, file));
    const folder = packageFolder(context);
    mkdirSync(join(folder, 'deps'), { recursive: true });
    link(join(folder, 'deps', 'lib'), wheel); // the folder and not its files: they look for CUDA in $ORIGIN/../nvidia

    const build = makePlainFolder('ablate-addon-');
    try {
      await compile(build, wheel, context);
      rmSync(join(folder, 'lib'), { recursive: true, force: true });
      cpSync(join(build, 'lib'), join(folder, 'lib'), { recursive: true });
    } finally {
      rmSync(build, { recursive: true, force: true });
    }
    const check = answer(process.execPath, [join(context.repository, 'scripts', 'setup', 'load-addon.cjs'), folder]);
    if (check === null)
      throw new SetupError(
        `the add-on was built but does not load; for the reason, run: node ${shellQuoted(join(context.repository, 'scripts', 'setup', 'load-addon.cjs'))} ${shellQuoted(folder)}`,
      );
    stamp(stampFile(context), print(context));
  },
};

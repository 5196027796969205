import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

/** @type {(path: string, to: string) => void} */
function link(path, to) {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(relative(dirname(path), to), path); // relative: a checkout may be moved
}

/** @type {(context: Context) => boolean} */
function isDone(context) {
  if (!tensorflowFolder(context) || !isStamped(stampFile(context), print(context))) return false;
  const lib = join(packageFolder(context), 'lib');
  return existsSync(lib) && readdirSync(lib).some((napi) => existsSync(join(lib, napi, 'tfjs_binding.node')));
}

/** The headers of the running Node.js, if they are installed, so that node-gyp need not download them. */
const headers = () => {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'common.gypi')) ? [`--nodedir=${prefix}`] : [];
};

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
    link(join(folder, 'deps', 'include'), join(wheel, 'include'));
    link(join(folder, 'deps', 'lib'), wheel); // the folder and not its files: they look for CUDA in $ORIGIN/../nvidia

    await context.run('npm', ['exec', '--no', '--', 'node-pre-gyp', 'install', '--build-from-source', ...headers()], {
      cwd: folder,
      env: {
        NODE_GYP_FORCE_PYTHON: findPython() ?? undefined,
        CXXFLAGS: [process.env.CXXFLAGS, `-include ${references(context)}`].filter(Boolean).join(' '),
      },
      remedy:
        'The add-on did not compile. Check that g++ (or clang) and make are installed, and that node-gyp can download headers from nodejs.org.',
    });
    const check = answer(process.execPath, [join(context.repository, 'scripts', 'setup', 'load-addon.cjs'), folder]);
    if (check === null)
      throw new SetupError(
        `the add-on was built but does not load; for the reason, run: node scripts/setup/load-addon.cjs ${folder}`,
      );
    stamp(stampFile(context), print(context));
  },
};

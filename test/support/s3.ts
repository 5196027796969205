/** An S3-compatible server for one test: versitygw over a folder. `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0` puts it on the PATH. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '@ablate/harness/temporary';
import { freePort } from '@ablate/supervisor';

type Owner = { after: (done: () => Promise<void>) => void };

/** The reason of a skipped test. */
export const NO_S3_SERVER = 'needs versitygw on the PATH: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/** Path of the server's executable, or undefined. */
export function findS3Server(): string | undefined {
  const named = process.env.ABLATE_TEST_S3_SERVER;
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  return [...(named ? [named] : []), ...folders.map((folder) => join(folder, 'versitygw'))].find(
    (path) => existsSync(path) && spawnSync(path, ['--version']).status === 0,
  );
}

/** Start the server with an empty bucket. Sets its credentials in the environment of this process. */
export async function startS3(
  owner: Owner,
  binary: string,
): Promise<{ endpoint: string; bucket: string; folder: string }> {
  const home = temporaryFolder();
  const folder = join(home.path, 'data');
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  const port = await freePort('127.0.0.1');
  const server = spawn(binary, ['--port', `127.0.0.1:${port}`, 'posix', '--sidecar', join(home.path, 'meta'), folder], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, ROOT_ACCESS_KEY: 'test-user', ROOT_SECRET_KEY: 'test-password' },
  });
  const exited = once(server, 'exit');
  owner.after(async () => {
    server.kill('SIGKILL');
    await exited;
    home.remove();
  });
  mkdirSync(join(home.path, 'meta'), { recursive: true });
  process.env.AWS_ACCESS_KEY_ID = 'test-user';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-password';
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(endpoint).catch(() => null);
    if (answer !== null) return { endpoint, bucket: 'checkpoints', folder: join(folder, 'checkpoints') };
    if (server.exitCode !== null || tries > 200) throw new Error('the S3 server did not start');
    await sleep(50);
  }
}

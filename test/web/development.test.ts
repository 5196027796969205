/** `npm run dev:web`: the sources of the pages, beside a running service. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY } from '@ablate/files';
import { freePort } from '@ablate/supervisor';
import { runningApp } from '../api/running-app.ts';

async function answer(url: string, server: ChildProcess): Promise<Response> {
  while (server.exitCode === null) {
    try {
      return await fetch(url);
    } catch {
      await sleep(50); // it does not listen yet
    }
  }
  throw new Error(`the development server exited with ${server.exitCode}`);
}

/** Runs the command of the script `dev:web` beside the service at `api`; returns the server's origin. */
async function developmentServer(t: TestContext, api: string): Promise<{ origin: string; server: ChildProcess }> {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  const [command = '', ...words] = String(scripts['dev:web']).split(' ');
  const port = await freePort('127.0.0.1');
  const options = ['--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  const server = spawn(join(REPOSITORY, 'node_modules/.bin', command), [...words, ...options], {
    cwd: REPOSITORY,
    stdio: 'ignore',
    env: { ...process.env, ABLATE_API_URL: api },
  });
  t.after(async () => {
    server.kill();
    await once(server, 'exit');
  });
  return { origin: `http://127.0.0.1:${port}`, server };
}

test('the development server serves the sources, and passes requests of its own pages to the service', async (t) => {
  const { app } = await runningApp();
  const api = await app.listen({ port: 0, host: '127.0.0.1' });
  const { origin, server } = await developmentServer(t, `${api}/api/v1`);

  const page = await (await answer(`${origin}/sweeps/any`, server)).text();
  assert.match(page, /@vite\/client/, 'with hot reload');
  assert.match(await (await fetch(`${origin}/src/main.tsx`)).text(), /followEvents/);

  const sweeps = await fetch(`${origin}/api/v1/sweeps`);
  assert.deepEqual(await sweeps.json(), { items: [], nextCursor: null });
  const submit = (from: string) =>
    fetch(`${origin}/api/v1/sweeps?dryRun=true`, {
      method: 'POST',
      headers: { origin: from, 'content-type': 'application/json' },
      body: JSON.stringify({ version: 1, name: 'planned' }),
    });
  assert.equal((await submit(origin)).status, 200);
  assert.equal((await submit('http://elsewhere.example')).status, 403);
  assert.equal((await fetch(`${origin}/docs/json`)).status, 200);
});

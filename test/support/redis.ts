import { after } from 'node:test';
import { PYTHON_ENVIRONMENT } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { findRedisServer, startRedis } from '@ablate/supervisor';
import { Redis } from 'ioredis';

/** Registers the clean-up: a test's context, or node:test itself for a whole file. */
type Owner = { after: (done: () => Promise<void>) => void };

let own: Promise<{ url: string; stop: () => Promise<void> }> | undefined;

/** The server of `npm test`, else one for this test file. */
async function serverUrl(): Promise<string> {
  const given = process.env.TEST_REDIS_URL;
  if (given) return given;
  own ??= (async () => {
    const found = findRedisServer({ path: process.env.PATH ?? '', environment: PYTHON_ENVIRONMENT });
    if (!found) throw new Error('no Redis server is installed: npm run setup');
    const home = temporaryFolder();
    const redis = await startRedis({ home: home.path, binary: found.binary, databases: 1024 });
    const stop = async (): Promise<void> => {
      await redis.stop();
      home.remove();
    };
    return { url: redis.url, stop };
  })();
  return (await own).url;
}

// Registered here: in serverUrl it would belong to the first test.
after(async () => (await own)?.stop());

async function onServer<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

/** An empty numbered database of the test server, flushed after the test. Database 0 holds the counter. */
export async function testRedis(owner: Owner): Promise<{ url: string }> {
  const base = await serverUrl();
  const number = await onServer(base, async (redis) => {
    const [, databases] = (await redis.config('GET', 'databases')) as [string, string];
    return 1 + (((await redis.incr('ablate-test:databases')) - 1) % (Number(databases) - 1));
  });
  const url = `${base.replace(/\/\d*$/, '')}/${number}`;
  const empty = () => onServer(url, async (redis) => void (await redis.flushdb()));
  await empty();
  if (own === undefined) owner.after(empty);
  return { url };
}

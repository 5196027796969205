/** Does harm at random moments, all drawn from one seed, and puts everything right again at the end of a round. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CountedRandom, countedRandom, randomKey } from '@ablate/random';
import { Redis } from 'ioredis';
import { EXHAUSTS_MEMORY } from '../support/simulated/index.ts';
import { type Installation, type KeptServer, QUICK } from './installation.ts';
import type { KeptProcess } from './kept-process.ts';
import { cancel, changePriority, pauseForAMoment } from './meddling.ts';

const LEASE_MS = Number(QUICK.ABLATE_LEASE_SECONDS) * 1000;

type Harm = {
  /** What it is done to: of two harms to the same, the second waits for the first. */
  to: (installation: Installation, random: CountedRandom) => string;
  /** Does it and, unless that is the point, makes it good again. */
  do: (installation: Installation, random: CountedRandom, to: string) => Promise<void>;
};

const between = (random: CountedRandom, least: number, most: number) => least + random.uniform() * (most - least);
const workerOf = ({ workers }: Installation, name: string): KeptProcess =>
  workers.find((worker) => worker.name === name) ?? workers[0]!;
const someWorker: Harm['to'] = ({ workers }, random) => workers[random.integer(workers.length)]!.name;
/** The worker that said last that it leads, or the first. */
export const leader: Harm['to'] = ({ workers }) =>
  (
    workers.find((one) => one.alive && /"msg":"leading"(?![\s\S]*no longer leading)/.test(one.logOfThis())) ??
    workers[0]!
  ).name;
const api: Harm['to'] = () => 'api';
const postgres: Harm['to'] = () => 'postgres';
const redis: Harm['to'] = () => 'redis';
const toDatabase: Harm['to'] = () => 'network to postgres';
const toQueue: Harm['to'] = () => 'network to redis';
const sweeps: Harm['to'] = () => 'a sweep';

const killed = async (one: KeptProcess, random: CountedRandom) => {
  await one.end('SIGKILL');
  await sleep(between(random, 0, 500));
  one.start();
};
const frozen = async (one: { signal(name: NodeJS.Signals): void }, ms: number) => {
  one.signal('SIGSTOP');
  await sleep(ms);
  one.signal('SIGCONT');
};
const restarted = async (server: KeptServer, by: 'SIGKILL' | 'SIGQUIT' | 'SIGTERM', ms: number) => {
  await server.end(by);
  await sleep(ms);
  await server.start();
};
const signalChild = (one: KeptProcess, random: CountedRandom, name: NodeJS.Signals): number | undefined => {
  const children = one.children();
  const child = children[random.integer(Math.max(1, children.length))];
  if (child !== undefined) signalPid(child, name);
  return child;
};
function signalPid(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
  }
}

/** The one harm that ends a run: it would need as much memory again. */
export const OUT_OF_MEMORY = 'a trainer runs out of memory';

/** Everything that is done, and to whom. */
export const HARMS: Record<string, Harm> = {
  'kill -9 a worker': { to: someWorker, do: (all, random, to) => killed(workerOf(all, to), random) },
  'kill -9 the dispatcher': { to: leader, do: (all, random, to) => killed(workerOf(all, to), random) },
  'freeze a worker past its lease': {
    to: someWorker,
    do: (all, random, to) => frozen(workerOf(all, to), LEASE_MS + between(random, 200, 1_200)),
  },
  'freeze a worker for a moment': {
    to: someWorker,
    do: (all, random, to) => frozen(workerOf(all, to), between(random, 50, 800)),
  },
  'SIGTERM a worker': {
    to: someWorker,
    do: async (all, _, to) => {
      const worker = workerOf(all, to);
      await worker.end('SIGTERM');
      worker.start();
    },
  },
  'kill -9 a trainer': {
    to: someWorker,
    do: async (all, random, to) => void signalChild(workerOf(all, to), random, 'SIGKILL'),
  },
  'freeze a trainer': {
    to: someWorker,
    do: async (all, random, to) => {
      const pid = signalChild(workerOf(all, to), random, 'SIGSTOP');
      await sleep(between(random, 100, 1_500));
      if (pid !== undefined) signalPid(pid, 'SIGCONT');
    },
  },
  [OUT_OF_MEMORY]: {
    to: someWorker,
    do: async (all, random, to) => void signalChild(workerOf(all, to), random, EXHAUSTS_MEMORY),
  },
  'pause a sweep': { to: sweeps, do: pauseForAMoment },
  'cancel a sweep': { to: sweeps, do: cancel },
  'change the priority of a sweep': { to: sweeps, do: changePriority },
  'kill -9 the API': { to: api, do: (all, random) => killed(all.api, random) },
  'freeze the API': { to: api, do: (all, random) => frozen(all.api, between(random, 100, 1_500)) },
  'kill -9 Redis': { to: redis, do: (all, random) => restarted(all.redis, 'SIGKILL', between(random, 0, 1_000)) },
  'freeze Redis': { to: redis, do: (all, random) => frozen(all.redis, between(random, 100, 1_500)) },
  'FLUSHALL in Redis': {
    to: redis,
    do: async ({ redis: { url } }) => {
      const client = new Redis(url());
      await client.flushall();
      await client.quit();
    },
  },
  'kill -9 Postgres': {
    to: postgres,
    do: (all, random) => restarted(all.postgres, 'SIGKILL', between(random, 0, 1_000)),
  },
  'stop Postgres at once': {
    to: postgres,
    do: (all, random) => restarted(all.postgres, 'SIGQUIT', between(random, 0, 1_000)),
  },
  'end all sessions in Postgres': {
    to: postgres,
    do: async ({ rows }) =>
      void (await rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )),
  },
  'freeze Postgres’ connections': {
    to: toDatabase,
    do: async ({ postgres: { proxy } }, random) => {
      proxy.silence();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'cut the network to Postgres': {
    to: toDatabase,
    do: async ({ postgres: { proxy } }, random) => {
      proxy.cut();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'slow the network to Postgres': {
    to: toDatabase,
    do: async ({ postgres: { proxy } }, random) => {
      proxy.slow({ delayMs: between(random, 5, 60) });
      await sleep(between(random, 500, 1_500));
      proxy.heal();
    },
  },
  'lose the answer to a statement': {
    to: toDatabase,
    do: async ({ postgres: { proxy } }, random) => {
      const statement = LOST_ANSWERS[random.integer(LOST_ANSWERS.length)]!;
      await Promise.race([proxy.loseAnswer(statement), sleep(1_000)]);
      proxy.heal();
    },
  },
  'reset the connections to Redis': { to: toQueue, do: async ({ redis: { proxy } }) => proxy.reset() },
  'cut the network to Redis': {
    to: toQueue,
    do: async ({ redis: { proxy } }, random) => {
      proxy.cut();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'slow the network to Redis': {
    to: toQueue,
    do: async ({ redis: { proxy } }, random) => {
      proxy.slow({ delayMs: between(random, 5, 100) });
      await sleep(between(random, 500, 1_500));
      proxy.heal();
    },
  },
};

/** Parts of statements whose effect must be the same when their answer is lost and they are made again. */
export const LOST_ANSWERS = [
  'COMMIT',
  `state = 'succeeded'`,
  `state = 'running', attempt`,
  'INTO metric',
  'INTO checkpoint',
];

/** What is done in one round: `at` milliseconds after it began. */
export type Plan = { at: number; harm: string; random: CountedRandom }[];

/** The plan of a round: the same for the same seed and number. */
export function planRound(seed: number, round: number, { harms, ms }: { harms: number; ms: number }): Plan {
  const key = randomKey(seed, 'nemesis');
  const names = Object.keys(HARMS);
  return Array.from({ length: harms }, (_, i) => {
    const random = countedRandom(key, [round, i + 1]);
    return { at: random.uniform() * ms, harm: names[random.integer(names.length)]!, random };
  }).sort((a, b) => a.at - b.at);
}

/** Carry a plan out. Says what was done to whom, and when. */
export async function disturb(installation: Installation, plan: Plan): Promise<string[]> {
  const begun = performance.now();
  const queues = new Map<string, Promise<void>>();
  const done: string[] = [];
  await Promise.all(
    plan.map(async ({ at, harm, random }) => {
      await sleep(at);
      const { to, do: doIt } = HARMS[harm]!;
      const whom = to(installation, random);
      const turn = (queues.get(whom) ?? Promise.resolve()).then(async () => {
        done.push(
          `${((performance.now() - begun) / 1000).toFixed(1)} s ${harm}${harm.includes(whom) ? '' : ` (${whom})`}`,
        );
        await doIt(installation, random, whom);
      });
      queues.set(whom, turn);
      await turn;
    }),
  );
  await putRight(installation);
  return done;
}

/** Everything runs and every network is good. */
export async function putRight({ postgres, redis, api, workers }: Installation): Promise<void> {
  for (const { proxy, signal } of [postgres, redis]) {
    proxy.heal();
    signal('SIGCONT');
  }
  await Promise.all([postgres.start(), redis.start()]);
  for (const one of [api, ...workers]) {
    one.signal('SIGCONT');
    one.start();
  }
}

/** Injects faults at random times, drawn from one seed, and restores everything at the end of a round. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, type KeptServer, QUICK } from '@ablate/harness/installation';
import type { KeptProcess } from '@ablate/harness/kept-process';
import { EXHAUSTS_MEMORY } from '@ablate/harness/simulated';
import { type CountedRandom, countedRandom, randomKey } from '@ablate/random';
import { Redis } from 'ioredis';
import { cancel, changePriority, pauseForAMoment, pauseThenCancel } from './meddling.ts';

const LEASE_MS = Number(QUICK.ABLATE_LEASE_SECONDS) * 1000;

type Fault = {
  /** Its target: of two faults with the same target, the second waits for the first. */
  to: (installation: Installation, random: CountedRandom) => string;
  /** Inject the fault and, unless it is lasting, undo it. */
  inject: (installation: Installation, random: CountedRandom, to: string) => Promise<void>;
};

const between = (random: CountedRandom, least: number, most: number) => least + random.uniform() * (most - least);
const workerOf = ({ workers }: Installation, name: string): KeptProcess =>
  workers.find((worker) => worker.name === name) ?? workers[0]!;
const someWorker: Fault['to'] = ({ workers }, random) => workers[random.integer(workers.length)]!.name;
/** The worker that leads, by its log, or the first. */
export const leaderOf = ({ workers }: Installation): KeptProcess =>
  workers.find((one) => one.alive && /"msg":"leading"(?![\s\S]*no longer leading)/.test(one.logSinceStart())) ??
  workers[0]!;
const leader: Fault['to'] = (all) => leaderOf(all).name;
const api: Fault['to'] = () => 'api';
const postgres: Fault['to'] = () => 'postgres';
const redis: Fault['to'] = () => 'redis';
const toDatabase: Fault['to'] = () => 'network to postgres';
const toQueue: Fault['to'] = () => 'network to redis';
const sweeps: Fault['to'] = () => 'a sweep';

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

/** The only fault that ends a run: a retry would need as much memory. */
export const OUT_OF_MEMORY = 'a trainer runs out of memory';

/** Every fault, with its target. */
const FAULTS: Record<string, Fault> = {
  'kill -9 a worker': { to: someWorker, inject: (all, random, to) => killed(workerOf(all, to), random) },
  'kill -9 the dispatcher': { to: leader, inject: (all, random, to) => killed(workerOf(all, to), random) },
  'freeze a worker past its lease': {
    to: someWorker,
    inject: (all, random, to) => frozen(workerOf(all, to), LEASE_MS + between(random, 200, 1_200)),
  },
  'freeze a worker for a moment': {
    to: someWorker,
    inject: (all, random, to) => frozen(workerOf(all, to), between(random, 50, 800)),
  },
  'SIGTERM a worker': {
    to: someWorker,
    inject: async (all, _, to) => {
      const worker = workerOf(all, to);
      await worker.end('SIGTERM');
      worker.start();
    },
  },
  'kill -9 a trainer': {
    to: someWorker,
    inject: async (all, random, to) => void signalChild(workerOf(all, to), random, 'SIGKILL'),
  },
  'freeze a trainer': {
    to: someWorker,
    inject: async (all, random, to) => {
      const pid = signalChild(workerOf(all, to), random, 'SIGSTOP');
      await sleep(between(random, 100, 1_500));
      if (pid !== undefined) signalPid(pid, 'SIGCONT');
    },
  },
  [OUT_OF_MEMORY]: {
    to: someWorker,
    inject: async (all, random, to) => void signalChild(workerOf(all, to), random, EXHAUSTS_MEMORY),
  },
  'pause a sweep': { to: sweeps, inject: pauseForAMoment },
  'cancel a sweep': { to: sweeps, inject: cancel },
  'cancel a sweep as its runs are requeued': { to: sweeps, inject: pauseThenCancel },
  'change the priority of a sweep': { to: sweeps, inject: changePriority },
  'kill -9 the API': { to: api, inject: (all, random) => killed(all.api, random) },
  'freeze the API': { to: api, inject: (all, random) => frozen(all.api, between(random, 100, 1_500)) },
  'kill -9 Redis': { to: redis, inject: (all, random) => restarted(all.redis, 'SIGKILL', between(random, 0, 1_000)) },
  'freeze Redis': { to: redis, inject: (all, random) => frozen(all.redis, between(random, 100, 1_500)) },
  'FLUSHALL in Redis': {
    to: redis,
    inject: async ({ redis: { url } }) => {
      const client = new Redis(url());
      await client.flushall();
      await client.quit();
    },
  },
  'kill -9 Postgres': {
    to: postgres,
    inject: (all, random) => restarted(all.postgres, 'SIGKILL', between(random, 0, 1_000)),
  },
  'stop Postgres at once': {
    to: postgres,
    inject: (all, random) => restarted(all.postgres, 'SIGQUIT', between(random, 0, 1_000)),
  },
  'end all sessions in Postgres': {
    to: postgres,
    inject: async ({ rows }) =>
      void (await rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )),
  },
  'freeze Postgres’ connections': {
    to: toDatabase,
    inject: async ({ postgres: { proxy } }, random) => {
      proxy.silence();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'cut the network to Postgres': {
    to: toDatabase,
    inject: async ({ postgres: { proxy } }, random) => {
      proxy.cut();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'slow the network to Postgres': {
    to: toDatabase,
    inject: async ({ postgres: { proxy } }, random) => {
      proxy.slow({ delayMs: between(random, 5, 60) });
      await sleep(between(random, 500, 1_500));
      proxy.heal();
    },
  },
  'lose the answer to a statement': {
    to: toDatabase,
    inject: async ({ postgres: { proxy } }, random) => {
      const statement = LOST_ANSWERS[random.integer(LOST_ANSWERS.length)]!;
      await Promise.race([proxy.loseAnswer(statement), sleep(1_000)]);
      proxy.heal();
    },
  },
  'reset the connections to Redis': { to: toQueue, inject: async ({ redis: { proxy } }) => proxy.reset() },
  'cut the network to Redis': {
    to: toQueue,
    inject: async ({ redis: { proxy } }, random) => {
      proxy.cut();
      await sleep(between(random, 100, 1_500));
      proxy.heal();
    },
  },
  'slow the network to Redis': {
    to: toQueue,
    inject: async ({ redis: { proxy } }, random) => {
      proxy.slow({ delayMs: between(random, 5, 100) });
      await sleep(between(random, 500, 1_500));
      proxy.heal();
    },
  },
};

/** Parts of statements that must take effect once if their response is lost and they are retried. */
export const LOST_ANSWERS = [
  'COMMIT',
  `state = 'succeeded'`,
  `UPDATE run SET state = 'running', attempt`,
  'INTO metric',
  'INTO checkpoint',
];

/** The faults of a round, `at` milliseconds after its start. */
export type Plan = { at: number; fault: string; random: CountedRandom }[];

/** The plan of a round: the same for the same seed and round. */
export function planRound(seed: number, round: number, { faults, ms }: { faults: number; ms: number }): Plan {
  const key = randomKey(seed, 'nemesis');
  const names = Object.keys(FAULTS);
  return Array.from({ length: faults }, (_, i) => {
    const random = countedRandom(key, [round, i + 1]);
    return { at: random.uniform() * ms, fault: names[random.integer(names.length)]!, random };
  }).sort((a, b) => a.at - b.at);
}

/** Carry a plan out. Returns a description of each fault: time, name and target. */
export async function disturb(installation: Installation, plan: Plan): Promise<string[]> {
  const begun = performance.now();
  const queues = new Map<string, Promise<void>>();
  const done: string[] = [];
  await Promise.all(
    plan.map(async ({ at, fault, random }) => {
      await sleep(at);
      const { to, inject } = FAULTS[fault]!;
      const target = to(installation, random);
      const turn = (queues.get(target) ?? Promise.resolve()).then(async () => {
        done.push(
          `${((performance.now() - begun) / 1000).toFixed(1)} s ${fault}${fault.includes(target) ? '' : ` (${target})`}`,
        );
        await inject(installation, random, target);
      });
      queues.set(target, turn);
      await turn;
    }),
  );
  await restore(installation);
  return done;
}

/** Restore every process and network. */
async function restore({ postgres, redis, api, workers }: Installation): Promise<void> {
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

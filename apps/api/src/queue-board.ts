/** The queue dashboard at `/queues`: bull-board, read-only, since the queue follows the database and the API has no authentication. */
import { jobId, RunJob } from '@ablate/contracts';
import { BacklogState, countBacklog, type Database, findQueued, listBacklog, type QueuedRun } from '@ablate/db';
import { nameOf } from '@ablate/sweeps';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Job, type Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';
import { hasPages } from './pages.ts';

const PATH = '/queues';

const DESCRIPTION =
  'One job for each attempt at a run. Paused: a user paused the run or its sweep. Delayed: a lost run waits before its next attempt. Failed: every attempt without a result, with its cause.';

type Status = ReturnType<BullMQAdapter['getStatuses']>[number];
type JobStatus = ReturnType<BullMQAdapter['getJobStatuses']>[number];

/** In the order of the tabs. */
const STATUSES: JobStatus[] = ['active', 'waiting', 'prioritized', 'delayed', 'paused', 'completed', 'failed'];

/** The job of a queued run. Most of them are not in Redis yet. */
class QueuedJob extends Job<RunJob> {
  readonly #state: BacklogState;

  constructor(queue: Queue<RunJob>, run: QueuedRun) {
    const { runId, attempt, priority, createdAt, notBefore, state } = run;
    const job = { runId, attempt };
    const delay = state === 'delayed' && notBefore !== null ? notBefore.getTime() - createdAt.getTime() : undefined;
    super(queue, nameOf(run), job, { priority, delay, timestamp: createdAt.getTime() }, jobId(job));
    this.#state = state;
  }

  override async getState() {
    return this.#state === 'paused' ? 'waiting' : this.#state;
  }
}

/** Shows queued runs from Postgres, with priorities and pauses that Redis does not know; active and finished ones from Redis. */
class RunQueueAdapter extends BullMQAdapter {
  readonly #db: Database;
  readonly #queue: Queue<RunJob>;

  constructor(queue: Queue<RunJob>, db: Database) {
    super(queue, {
      readOnlyMode: true,
      description: DESCRIPTION,
      externalJobUrl: ({ data }) => {
        const job = RunJob.safeParse(data);
        const runs = hasPages() ? '/runs' : '/api/v1/runs';
        return { displayText: 'Run', href: job.success ? `${runs}/${job.data.runId}` : '/docs' };
      },
    });
    this.#queue = queue;
    this.#db = db;
  }

  override getStatuses(): Status[] {
    return ['latest', ...STATUSES];
  }

  override getJobStatuses(): JobStatus[] {
    return STATUSES;
  }

  override async getJobCounts() {
    const [inRedis, backlog] = await Promise.all([super.getJobCounts(), countBacklog(this.#db)]);
    return { ...inRedis, ...backlog };
  }

  override async getJobs(statuses: JobStatus[], start = 0, end = 0) {
    const lists = await Promise.all(
      statuses.map(async (status): Promise<Job[]> => {
        const queued = BacklogState.safeParse(status);
        if (!queued.success) return super.getJobs([status], start, end);
        const runs = await listBacklog(this.#db, { state: queued.data, limit: end - start + 1, offset: start });
        return runs.map((run) => new QueuedJob(this.#queue, run));
      }),
    );
    return lists.flat();
  }

  override async getJob(id: string) {
    const found = await super.getJob(id);
    if (found !== undefined && !(await found.isWaiting())) return found;
    const [, runId, attempt] = /^([0-9a-f-]{36})-(\d+)$/.exec(id) ?? [];
    const job = RunJob.safeParse({ runId, attempt: Number(attempt) });
    const queued = job.success ? await findQueued(this.#db, job.data) : null;
    return queued === null ? found : new QueuedJob(this.#queue, queued);
  }
}

/** bull-board's page loads a font from another host, which would see every visit. */
const FOREIGN_FONT = /<link href="https:\/\/fonts\.googleapis\.com\/[^>]*>\s*/g;
const FONTS = {
  'font-sans': 'system-ui, sans-serif',
  'font-mono': 'ui-monospace, monospace',
};
/** Styles are inline in bull-board's page; nothing comes from another host. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'";

/** A queue that is open, or will be; undefined if the server shuts down before. */
export type Opening = Queue<RunJob> | Promise<Queue<RunJob> | undefined>;

/** The dashboard as a plugin. */
export const queueBoard = ({ queue, db }: { queue: Opening; db: Database }): FastifyPluginAsync => {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Ablate',
        hideDocsLink: true,
        theme: { light: FONTS, dark: FONTS },
        miscLinks: [{ text: 'API docs', url: '/docs' }],
      },
    },
  });
  // The name of the queue is in the database, which may still be starting.
  void Promise.resolve(queue).then((opened) => opened && board.addQueue(new RunQueueAdapter(opened, db)));
  adapter.setErrorHandler((error) => {
    throw error; // to the error handler of the API
  });
  return async (app) => {
    app.addHook('onSend', async (_request, reply, payload) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('referrer-policy', 'same-origin');
      return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
        ? payload.replace(FOREIGN_FONT, '')
        : payload;
    });
    await app.register(adapter.registerPlugin(), { prefix: PATH });
  };
};

/** The logs of attempts in the database: what trainers print, and a line for each event. The dashboard's log is shorter, and Redis may lose it. */
import { type RunJob, toStorable } from '@ablate/contracts';
import { type Database, recordLogs } from '@ablate/db';
import type { Logger } from 'pino';
import { repeat } from './repeat.ts';

/** Seconds between two writes: one statement for all slots. */
const WRITE_SECONDS = 1;
/** Of a log, and of one of its lines, in UTF-16 units. */
const [MAX_LOG, MAX_LINE] = [65_536, 2_000];

export type RunLogs = {
  /** Starts the log of an attempt: a function that adds a line. */
  open(job: RunJob): (line: string) => void;
  /** Writes what is left. */
  close(): Promise<void>;
};

/** The last lines of an attempt, at most MAX_LOG characters. */
class LogTail {
  readonly job: RunJob;
  dropped = 0;
  #lines: string[] = [];
  #length = 0;

  constructor(job: RunJob) {
    this.job = job;
  }

  add(line: string): void {
    const written = `${new Date().toISOString()} ${toStorable(line.slice(0, MAX_LINE)).replaceAll('\n', ' ')}`;
    this.#lines.push(written);
    this.#length += written.length + 1;
    while (this.#length > MAX_LOG) {
      this.#length -= (this.#lines.shift()?.length ?? 0) + 1;
      this.dropped++;
    }
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}

/** Keeps the logs of a worker's attempts. A write that fails is repeated, with all lines up to then. */
export function openRunLogs(db: Database, log: Logger): RunLogs {
  const changed = new Set<LogTail>();

  async function write(): Promise<void> {
    const tails = [...changed];
    if (tails.length === 0) return;
    changed.clear();
    try {
      await recordLogs(
        db,
        tails.map(({ job, text, dropped }) => ({ ...job, text, dropped })),
      );
    } catch (error) {
      for (const tail of tails) changed.add(tail);
      throw error;
    }
  }
  const writing = repeat('logs of runs', WRITE_SECONDS, write, log);

  return {
    open(job) {
      const tail = new LogTail(job);
      return (line) => {
        tail.add(line);
        changed.add(tail);
      };
    },
    close: async () => {
      await writing.close();
      await write().catch((error: unknown) => log.debug({ err: error }, 'logs of runs'));
    },
  };
}

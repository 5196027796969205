/** The data of a BullMQ job. Postgres holds everything else. */
import { z } from 'zod';

export const RUN_QUEUE = 'runs';

/** Prefix of the queue's keys in Redis: installations, each with a database of its own, may share a Redis. */
export const queuePrefix = (installationId: string): string => `ablate:${installationId}`;

export const RunJob = z.strictObject({ runId: z.uuid(), attempt: z.int32().min(1) });
export type RunJob = z.infer<typeof RunJob>;

/** BullMQ's job id: unique for each attempt, so that a retained old job does not block a new one. */
export const jobId = ({ runId, attempt }: RunJob): string => `${runId}-${attempt}`;

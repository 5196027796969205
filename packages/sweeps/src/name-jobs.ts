/** The names of jobs on the queue dashboard. */
import { formatPoint } from '@ablate/answers';
import { jobName, type NamedJob, type RunJob } from '@ablate/contracts';
import { type JobParts, jobParts } from '@ablate/db';
import type { Context } from './context.ts';

export const nameOf = ({ axes, ...job }: RunJob & JobParts): string =>
  jobName(job, { sweep: job.sweep, point: formatPoint(axes), seed: job.seed });

/** Jobs with their names, in the same order, without those whose run no longer exists. */
export async function nameJobs({ db }: Context, jobs: readonly RunJob[]): Promise<NamedJob[]> {
  return (await jobParts(db, jobs)).map((job) => ({ runId: job.runId, attempt: job.attempt, name: nameOf(job) }));
}

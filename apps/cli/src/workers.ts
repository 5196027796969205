/** What to say while runs wait and no worker is alive. */
import type { Api } from '@ablate/client';
import type { SweepView } from '@ablate/contracts';
import type { Context } from './command.ts';

/** Whether the sweep has unfinished runs. */
export const hasWork = ({ counts }: Pick<SweepView, 'counts'>): boolean => counts.queued + counts.running > 0;

/** Logs since when no worker is alive; nothing if one is. */
export async function warnWithoutWorker(api: Api, { log }: Pick<Context, 'log'>): Promise<void> {
  const { noWorker } = await import('@ablate/contracts');
  const missing = noWorker(await api.workers.list());
  if (missing !== null) log(missing);
}

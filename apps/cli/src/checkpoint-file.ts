/** Checkpoint files over the API. */
import { type CheckpointView, UserError } from '@ablate/contracts';
import { download } from '@ablate/files';
import { apiOf, type Context } from './command.ts';

/** Saves a checkpoint as `path`, verified against its length and SHA-256. @throws UserError */
export async function downloadCheckpoint(
  { id, sha256, bytes }: Pick<CheckpointView, 'id' | 'sha256' | 'bytes'>,
  path: string,
  context: Context,
): Promise<void> {
  const { root } = await apiOf(context);
  const url = `${root}/checkpoints/${encodeURIComponent(id)}`;
  try {
    await download(url, path, { expected: { sha256, bytes }, signal: context.signal });
  } catch (error) {
    context.signal.throwIfAborted();
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}

/** The newest best checkpoint of a run. @throws UserError if there is none */
export async function bestCheckpoint(run: string, context: Context): Promise<CheckpointView> {
  const found = await (await apiOf(context)).runs.checkpoints(run);
  const best = found.find(({ kind, current }) => kind === 'best' && current);
  if (best) return best;
  throw new UserError(`run ${run} has no best checkpoint: the first epoch writes it. See \`ablate show ${run}\``);
}

/** Checkpoint files over the API. */
import { type CheckpointView, UserError } from '@ablate/contracts';
import { download } from '@ablate/files';
import { apiOf, type Context } from './command.ts';
import { resolveId } from './resolve-id.ts';

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

/** The checkpoints of the run with an id, or with its beginning or end. */
async function checkpointsOf(text: string, context: Context) {
  const api = await apiOf(context);
  const { id: run } = await resolveId(api, text, ['run']);
  return { run, found: await api.runs.checkpoints(run) };
}

/** A checkpoint of a run, by its id or the beginning or end of it. @throws UserError unless one matches */
export async function listedCheckpoint(text: string, checkpoint: string, context: Context): Promise<CheckpointView> {
  const { run, found } = await checkpointsOf(text, context);
  const part = checkpoint.toLowerCase();
  const [first, ...others] = found.filter(({ id }) => id.startsWith(part) || id.endsWith(part));
  if (first && others.length === 0) return first;
  throw new UserError(
    `${first ? 'ambiguous' : 'unknown'} checkpoint ${checkpoint}: \`ablate checkpoints ${run}\` lists those of the run`,
  );
}

/** Why a run has no best checkpoint. */
async function whyNone(run: string, context: Context): Promise<string> {
  const { state, reusedFrom } = await (await apiOf(context)).runs.find(run);
  if (state !== 'succeeded')
    return `run ${run} has no best checkpoint: the first epoch writes it. See \`ablate show ${run}\``;
  const of = reusedFrom === null ? `run ${run}` : `run ${reusedFrom}, whose result run ${run} has,`;
  return `the best checkpoint of ${of} was deleted: \`ablate gc\` keeps that of the best run of each sweep`;
}

/** The newest best checkpoint of a run. @throws UserError if there is none */
export async function bestCheckpoint(text: string, context: Context): Promise<CheckpointView> {
  const { run, found } = await checkpointsOf(text, context);
  const best = found.find(({ kind, current }) => kind === 'best' && current);
  if (best) return best;
  throw new UserError(await whyNone(run, context));
}

/** Saving a learner to a checkpoint file, and restoring it from the newest valid one. */
import type { CheckpointFile, Preprocessing, TrainCommand } from '@ablate/contracts';
import { decodeSafetensors, safetensorsPieces } from '@ablate/models/safetensors';
import { readCheckpoint, writeCheckpoint } from './checkpoint-files.ts';
import type { Learner, LearnerState } from './learner.ts';
import { fromMetadata, type Identity, newTrainingState, type TrainingState, toMetadata } from './training-state.ts';

type Kind = CheckpointFile['kind'];
/** The part of a learner that is saved and restored. */
type Learning = Pick<Learner, 'state' | 'restore'>;

/** Write the learner's state. The same run at the same step gives the same bytes, resumed or not. Throws file system errors. */
export async function saveCheckpoint(
  { folder, attempt }: Pick<TrainCommand, 'folder' | 'attempt'>,
  kind: Kind,
  {
    learner,
    identity,
    state,
    preprocessing,
  }: { learner: Learning; identity: Identity; state: TrainingState; preprocessing: Preprocessing | null },
): Promise<CheckpointFile> {
  const { step, epoch } = state;
  const pieces = safetensorsPieces(learner.state(), toMetadata(identity, state, preprocessing));
  const written = await writeCheckpoint(folder, { kind, attempt, step }, pieces);
  return { kind, ...written, step, epoch, valAccuracy: state.best?.epoch === epoch ? state.best.valAccuracy : null };
}

/** Tensors and training state of a recorded file. Throws the reason if it is refused. */
async function loadCheckpoint(
  folder: string,
  file: CheckpointFile,
  identity: Identity,
): Promise<{ tensors: LearnerState; state: TrainingState }> {
  const read = await readCheckpoint(folder, file);
  if ('refused' in read) throw new Error(read.refused);
  const { tensors, metadata } = decodeSafetensors(read.bytes);
  return { tensors, state: fromMetadata(metadata, identity, file.kind) };
}

/** Restore the weights of the best epoch. Throws if the file is missing or damaged. */
export async function restoreBest(
  folder: string,
  best: CheckpointFile,
  { learner, identity }: { learner: Learning; identity: Identity },
): Promise<void> {
  learner.restore((await loadCheckpoint(folder, best, identity)).tensors);
}

export type Restored = {
  state: TrainingState;
  /** The file of the best epoch so far. */
  best: CheckpointFile | null;
  /** Step of the checkpoint, or null when training starts from the beginning. */
  resumedFrom: number | null;
  /** A sentence for each refused checkpoint. */
  notes: string[];
};

/** Of a run that starts from the checkpoint of another: its figures are no result of its config alone. */
const FORKED_NOTE =
  'it goes on from the checkpoint of a run with other hyperparameters: its figures are those of that schedule, not of its config from the start';

/** The state of another run, whose best epoch is not one of this run. Throws if its checkpoint is gone or refused. */
async function restoreFork(
  { run, epoch, folder, config, checkpoint }: NonNullable<TrainCommand['fork']>,
  { learner, identity }: { learner: Learning; identity: Identity },
): Promise<TrainingState> {
  const name = `the checkpoint of run ${run} after epoch ${epoch}, from which this run starts,`;
  if (checkpoint === null) throw new Error(`${name} is gone`);
  try {
    const { tensors, state } = await loadCheckpoint(folder, checkpoint, { ...identity, config });
    learner.restore(tensors);
    return { ...state, best: null };
  } catch (error) {
    throw new Error(`${name} is refused: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Restore the newest valid checkpoint: its bytes match the recorded hash, and the best checkpoint that it refers to is
 * valid too. A refused checkpoint adds a note, and training resumes from the next older one; the run never fails for it. After the last a
 * run with a `fork` starts from the checkpoint of that run. Throws if it is gone or refused: a start from new weights is not what was asked for.
 */
export async function restoreNewest(
  { folder, resume, fork }: Pick<TrainCommand, 'folder' | 'resume' | 'fork'>,
  { learner, identity }: { learner: Learning; identity: Identity },
): Promise<Restored> {
  const notes: string[] = fork ? [FORKED_NOTE] : [];
  for (const file of resume) {
    try {
      const { tensors, state } = await loadCheckpoint(folder, file, identity);
      const best = file.kind === 'best' ? file : await bestOf(folder, state, resume, identity);
      learner.restore(tensors);
      const known = state.best === null || best === null ? null : { ...state.best, sha256: best.sha256 };
      return { state: { ...state, best: known }, best, resumedFrom: state.step, notes };
    } catch (error) {
      notes.push(`${file.kind} checkpoint of step ${file.step} refused: ${messageOf(error)}`);
    }
  }
  if (fork === undefined) return { state: newTrainingState(), best: null, resumedFrom: null, notes };
  const state = await restoreFork(fork, { learner, identity });
  return { state, best: null, resumedFrom: state.step, notes };
}

/** The best checkpoint that a `last` checkpoint refers to, verified. Throws if it is missing or damaged. */
async function bestOf(
  folder: string,
  { best }: TrainingState,
  candidates: readonly CheckpointFile[],
  identity: Identity,
): Promise<CheckpointFile | null> {
  if (best === null) return null;
  const file = candidates.find(({ kind, sha256 }) => kind === 'best' && sha256 === best.sha256);
  if (file === undefined) throw new Error('the best checkpoint that it refers to is missing');
  await loadCheckpoint(folder, file, identity);
  return file;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

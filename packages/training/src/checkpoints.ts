/** From a learner to a checkpoint file, and back from the newest one that can be trusted. */
import type { CheckpointFile, TrainCommand } from '@ablate/contracts';
import { decodeSafetensors, encodeSafetensors } from '@ablate/models/safetensors';
import { readCheckpoint, writeCheckpoint } from './checkpoint-files.ts';
import type { Learner, LearnerState } from './learner.ts';
import { fromMetadata, type Identity, newTrainingState, type TrainingState, toMetadata } from './training-state.ts';

type Kind = CheckpointFile['kind'];
/** What a checkpoint is taken from and given back to. */
type Learning = Pick<Learner, 'state' | 'restore'>;

/** Write the learner as it is. The same run at the same step gives the same bytes, whatever happened to it before. */
export async function saveCheckpoint(
  { folder, attempt }: Pick<TrainCommand, 'folder' | 'attempt'>,
  kind: Kind,
  { learner, identity, state }: { learner: Learning; identity: Identity; state: TrainingState },
): Promise<CheckpointFile> {
  const { step, epoch } = state;
  const bytes = encodeSafetensors(learner.state(), toMetadata(identity, state));
  const written = await writeCheckpoint(folder, { kind, attempt, step }, bytes);
  return { kind, ...written, step, epoch, valAccuracy: state.best?.epoch === epoch ? state.best.valAccuracy : null };
}

/** Tensors and training state of a recorded file. Throws saying why it cannot be used. */
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

/** Give the learner the weights of the best epoch. Throws when its file is damaged. */
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
  /** A sentence for each checkpoint that was refused. */
  notes: string[];
};

/**
 * Restore the newest checkpoint whose bytes are those that were recorded, and whose best epoch can still be had. One that
 * is refused costs a note and the steps since the next older one, never the run.
 */
export async function restoreNewest(
  { folder, resume }: Pick<TrainCommand, 'folder' | 'resume'>,
  { learner, identity }: { learner: Learning; identity: Identity },
): Promise<Restored> {
  const notes: string[] = [];
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
  return { state: newTrainingState(), best: null, resumedFrom: null, notes };
}

/** The file of the best epoch that a `last` checkpoint knows of; its bytes are verified too. */
async function bestOf(
  folder: string,
  { best }: TrainingState,
  candidates: readonly CheckpointFile[],
  identity: Identity,
): Promise<CheckpointFile | null> {
  if (best === null) return null;
  const file = candidates.find(({ kind, sha256 }) => kind === 'best' && sha256 === best.sha256);
  if (file === undefined) throw new Error('the best checkpoint that it refers to is gone');
  await loadCheckpoint(folder, file, identity);
  return file;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

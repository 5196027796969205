import type { CheckpointView } from '@ablate/contracts';
import type { CheckpointModel } from '../generated/models.ts';

export const checkpointView = ({ file: _, bytes, createdAt, ...row }: CheckpointModel): CheckpointView => ({
  ...row,
  bytes: Number(bytes),
  createdAt: createdAt.toISOString(),
});

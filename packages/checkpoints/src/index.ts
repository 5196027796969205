export { checkStore, openCheckpointStore, StoreAddress } from './address.ts';
export { fetchCheckpoint } from './fetch.ts';
export { collectGarbage } from './garbage.ts';
export { openS3Store } from './s3-store.ts';
export { type CheckpointStore, checkpointKey } from './store.ts';
export { CHECKPOINT_VARIABLES, checkpointSettings } from './variables.ts';

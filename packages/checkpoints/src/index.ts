export { openCheckpointStore, StoreAddress } from './address.ts';
export { fetchCheckpoint } from './fetch.ts';
export { collectGarbage } from './garbage.ts';
export { type CheckpointStore, checkpointKey, type StoredFile } from './store.ts';

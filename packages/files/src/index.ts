export { withLock } from './lock.ts';
export { isMissing } from './missing.ts';
export { readState, writeState } from './state-file.ts';

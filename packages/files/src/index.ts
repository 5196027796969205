export { writeAtomically } from './atomic.ts';
export { download } from './download.ts';
export { withLock } from './lock.ts';
export { isMissing, isMissingPath, nullIfMissing } from './missing.ts';
export { identify, isRunning, type ProcessIdentity, worksIn } from './process-identity.mjs';
export { takeLock } from './process-lock.mjs';
export { DEFAULT_HOME, PYTHON_ENVIRONMENT, REPOSITORY } from './repository.mjs';
export { readState, writeState } from './state-file.ts';
export { isVerified, MismatchError, readVerified, sha256, verified } from './verified.ts';

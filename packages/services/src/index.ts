export { freePort, isPortFree } from './port.ts';
export { findBinaries } from './postgres/binaries.ts';
export { startPostgres } from './postgres/start.ts';
export { end, gone } from './process/gone.ts';
export { identify, isRunning, type ProcessIdentity } from './process/identity.mjs';
export { lockHolder, takeLock } from './process/lock.mjs';
export { findRedisServer } from './redis/find.mjs';
export { startRedis } from './redis/start.ts';
export type { Service } from './service.ts';

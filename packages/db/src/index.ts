export { type Database, openDatabase } from './database.ts';
export { migrate, pendingMigrations } from './migrations/apply.ts';
export { ensureReader } from './reader.ts';

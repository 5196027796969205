import type { Database } from '@ablate/db';

/** Who asks. There are no accounts yet: every caller is local. */
type Caller = { kind: 'local' };

/** What every verb takes first: the database, and who asks. */
export type Context = { db: Database; caller: Caller };

/** The context of a caller on this machine. */
export const localContext = (db: Database): Context => ({ db, caller: { kind: 'local' } });

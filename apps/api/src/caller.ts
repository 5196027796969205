import type { Database } from '@ablate/db';
import { type Context, localContext } from '@ablate/sweeps';
import type { FastifyRequest } from 'fastify';

/** The context of a request for the verbs. There are no accounts yet: every request is a local caller's. */
export const contextOf =
  (db: Database) =>
  (_request: Pick<FastifyRequest, 'headers'>): Context =>
    localContext(db);

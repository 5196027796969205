import type { WorkerView } from '@ablate/contracts';
import { readWorkers } from '@ablate/db';
import type { Context } from './context.ts';

/** Workers: first those that are alive, then the others, newest heartbeat first; at most 200. */
export const listWorkers = ({ db }: Context): Promise<WorkerView[]> => readWorkers(db);

/** Keeps the sessions of one closed program for the next program of the same functions: recording and compiling take seconds. */
import type { Loaded } from './residence.ts';

/** Sessions by function and input signature, the least recently used first. */
export type Sessions = Map<string, Loaded>;

/** One program's, so that memory never holds more than a run needs. */
let kept: { name: string; sessions: Sessions } | null = null;

function closeKept(): void {
  for (const { session } of kept?.sessions.values() ?? []) session.close();
  kept = null;
}

/** Keep a closed program's sessions under its name. Those of any other program are closed. */
export function keepSessions(name: string, sessions: Sessions): void {
  closeKept();
  kept = { name, sessions };
}

/** Take the sessions that are kept under a name, which then hold no value that counts; without them, the kept ones are closed: their memory is needed. */
export function takeSessions(name: string | undefined): Sessions {
  if (kept === null || kept.name !== name) {
    closeKept();
    return new Map();
  }
  const { sessions } = kept;
  kept = null;
  for (const { versions } of sessions.values()) versions.clear();
  return sessions;
}

import type { ProcessIdentity } from '@ablate/files';

/** A server process that Ablate runs for itself. */
export type Service = {
  url: string;
  server: ProcessIdentity;
  /** It was running already, left behind by a supervisor that was killed. */
  adopted: boolean;
  /** Ends it cleanly and waits; nothing that was acknowledged is lost. */
  stop: () => Promise<void>;
};

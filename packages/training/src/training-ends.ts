/** Ends of training that are no faults of the code. */
import type { StopCommand } from '@ablate/contracts';

/** The loss is no number any more. */
export class Diverged extends Error {}

/** Somebody asked for an end. */
export class Stopped extends Error {
  readonly why: StopCommand['cause'];
  constructor(why: StopCommand['cause']) {
    super(`training was ${why}`);
    this.why = why;
  }
}

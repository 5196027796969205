import type { RunState } from '@ablate/contracts';

export type RefusalCode = 'not_found' | 'conflict' | 'bad_cursor' | 'key_reused' | 'invalid_spec' | 'invalid_parameter';
export type FieldError = { pointer: string; detail: string };

/** Thrown by a verb that refuses its input. The API maps the code to a status. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** The invalid fields, if the input has any. */
  readonly errors: FieldError[] | undefined;

  constructor(code: RefusalCode, message: string, errors?: FieldError[]) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.errors = errors;
  }
}

/** Every refusal of the verbs, with its code and its message. */
export const refusal = {
  unknown: (what: 'sweep' | 'run' | 'checkpoint' | 'config', id: string) =>
    new Refusal('not_found', `unknown ${what} id ${id}`),
  finishedSweep: () => new Refusal('conflict', 'the sweep is finished or cancelled: it cannot be paused or resumed'),
  finishedRun: (state: RunState, verb: 'cancelled' | 'paused or resumed') =>
    new Refusal('conflict', `the run is ${state}: a finished run cannot be ${verb}`),
  notRetryable: (state: RunState) =>
    new Refusal('conflict', `the run is ${state}: only a failed or cancelled run can be retried`),
  invalidCursor: () => new Refusal('bad_cursor', 'invalid cursor: use `nextCursor` of a page of this list'),
  keyReused: (sweepId: string) =>
    new Refusal('key_reused', `sweep ${sweepId} was submitted with this key and a different spec: use a new key`),
  invalidParameter: (name: string, detail: string) =>
    new Refusal('invalid_parameter', `${name}: ${detail}`, [{ pointer: `/query/${name}`, detail }]),
  invalidSpec: (errors: FieldError[]) => new Refusal('invalid_spec', 'invalid spec: nothing was queued', errors),
};

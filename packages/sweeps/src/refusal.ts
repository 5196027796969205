import type { PointerComplaint } from '@ablate/contracts';

export type RefusalCode =
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'bad_cursor'
  | 'key_reused'
  | 'malformed'
  | 'invalid_spec'
  | 'invalid_parameter'
  | 'busy';

/** Thrown by a verb that refuses its input. The API maps the code to a status. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** The invalid fields, if the input has any. */
  readonly errors: PointerComplaint[] | undefined;

  constructor(code: RefusalCode, message: string, errors?: PointerComplaint[]) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.errors = errors;
  }
}

/** `queued, running or paused`. */
const anyOf = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' or ');

/** Every refusal of the verbs, with its code and its message. */
export const refusal = {
  unknown: (what: 'sweep' | 'run' | 'checkpoint' | 'config' | 'query' | 'inspection' | 'trial', id: string) =>
    new Refusal('not_found', `unknown ${what} ${what === 'query' ? 'name' : 'id'} ${id}`),
  notAsked: (method: string) =>
    new Refusal(
      'conflict',
      `the search of this sweep is "${method}": only one with "search": { "method": "ask" } is driven by a caller`,
    ),
  askEnded: () => new Refusal('conflict', 'the sweep has ended: submit another'),
  noConfig: (why: string) => new Refusal('conflict', `there is no config to try: ${why}`),
  invalidAxes: (errors: PointerComplaint[]) =>
    new Refusal('invalid_parameter', 'these values are no config of the space: nothing was queued', errors),
  trainedTrial: (trial: number) =>
    new Refusal('conflict', `workers train trial ${trial}: ask with "train": false for one that you measure`),
  toldTrial: (trial: number, value: number | null) =>
    new Refusal(
      'conflict',
      `trial ${trial} was told before: ${value === null ? 'it failed' : `its value is ${value}`}`,
    ),
  /** `verb` is a participle, such as `paused`; `states` are those that accept it. */
  inState: (subject: 'sweep' | 'run', state: string, verb: string, states: readonly string[]) =>
    new Refusal(
      'conflict',
      `the ${subject} is ${state}: only a ${anyOf(states.filter((one) => one !== verb))} ${subject} can be ${verb}`,
    ),
  nothingToRetry: (what: string) => new Refusal('conflict', `no run of this sweep is ${what}: nothing to retry`),
  builtInQuery: (name: string) =>
    new Refusal('conflict', `"${name}" is a built-in query, a file of studies/queries: choose another name`),
  tooManyQueries: (most: number) => new Refusal('conflict', `${most} queries are saved: delete one first`),
  invalidCursor: () => new Refusal('bad_cursor', 'invalid cursor: use `nextCursor` of a page of this list'),
  keyReused: (sweepId: string) =>
    new Refusal('key_reused', `sweep ${sweepId} was submitted with this key and a different spec: use a new key`),
  askKeyReused: (trial: number) =>
    new Refusal('key_reused', `trial ${trial} was asked for with this key and other values: use a new key`),
  noPredictions: (of: string, split: string) =>
    new Refusal('not_found', `${of} has no predictions of split ${split}: they are kept for runs that succeeded`),
  otherClasses: () =>
    new Refusal('conflict', 'the configs have different classes: their confusions cannot be compared'),
  otherImages: () =>
    new Refusal('conflict', 'the two configs were measured on different images: look at one of them at a time'),
  noDataset: (runId: string) =>
    new Refusal('not_found', `run ${runId} has no data set that this version of Ablate can read`),
  noStoredResults: (study: string, scale: string) =>
    new Refusal('not_found', `study ${study} has no stored results of runs at scale ${scale}`),
  noInside: (runId: string) =>
    new Refusal(
      'not_found',
      `no look inside run ${runId} is stored: there is one for a run that succeeded, as long as its best checkpoint is there`,
    ),
  notInspectable: (state: string) =>
    new Refusal('conflict', `the run is ${state}: only a run that succeeded can be inspected`),
  noCheckpoint: (runId: string) => new Refusal('gone', `the best checkpoint of run ${runId} was deleted`),
  noAttention: () => new Refusal('conflict', 'a ResNet has no attention: send a picture to see its Grad-CAM'),
  noWorker: (why: string) => new Refusal('conflict', why),
  notInspected: (state: string) =>
    new Refusal('conflict', `the inspection is ${state}: only one that is done has a result`),
  invalidImages: (detail: string) => new Refusal('invalid_parameter', detail, [{ pointer: '/images', detail }]),
  invalidParameter: (name: string, detail: string) =>
    new Refusal('invalid_parameter', `${name}: ${detail}`, [{ pointer: `/query/${name}`, detail }]),
  malformedSpec: (reason: string) => new Refusal('malformed', `the spec is not valid JSON: ${reason}`),
  busy: (why: string) => new Refusal('busy', `${why}: retry in a few seconds`),
  invalidSpec: (errors: PointerComplaint[]) => new Refusal('invalid_spec', 'nothing was queued', errors),
};

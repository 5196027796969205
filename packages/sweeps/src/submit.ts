/** Turns a spec into a sweep. An invalid spec is refused before anything is written. */
import type { Spec, SweepView } from '@ablate/contracts';
import type { Expansion, Point, SpecReading } from '@ablate/search';
import type { Context } from './context.ts';
import { createSweep, findSubmission, type Submission } from './create-sweep.ts';
import { refusal } from './refusal.ts';
import type { SpecReader } from './spec-reader.ts';

/** The text of a spec, what reads it, and the signal that its sender has left. */
export type Written = { text: string; reader: SpecReader; signal: AbortSignal };

export type Read = Extract<SpecReading, { spec: Spec }>;

/** The spec that was read. Refuses one that is not JSON (`malformed`) or not a spec (`invalid_spec`). */
export function readOrRefuse(reading: SpecReading): Read {
  if ('malformed' in reading) throw refusal.malformedSpec(reading.malformed);
  if ('complaints' in reading) throw refusal.invalidSpec(reading.complaints);
  return reading;
}

/** The points of a spec. Refuses (`invalid_spec`) one that cannot be expanded. */
export function pointsOrRefuse(expansion: Expansion): Point[] {
  if ('points' in expansion) return expansion.points;
  throw refusal.invalidSpec(expansion.complaints);
}

/**
 * Submits a spec. A repeated key returns the sweep of the first submission. Refuses a spec that is not JSON (`malformed`) or
 * cannot be expanded (`invalid_spec`), and a key that was used for a different spec (`key_reused`); a spec in which a default
 * is written out is the same spec.
 */
export async function submitSweep(
  context: Context,
  { key, ...written }: Written & { key?: string },
): Promise<SweepView> {
  const { text, reader, signal } = written;
  const { spec, hash, meaning, expansion } = readOrRefuse(await reader.read(text, signal));
  const meansTheSame = async (stored: unknown): Promise<boolean> => {
    const earlier = await reader.read(JSON.stringify(stored), signal);
    return meaning !== null && 'meaning' in earlier && earlier.meaning === meaning;
  };
  const submission: Submission | undefined = key === undefined ? undefined : { key, specHash: hash, meansTheSame };
  const earlier = submission && (await findSubmission(context, submission));
  return earlier ?? createSweep(context, { spec, points: pointsOrRefuse(expansion), submission });
}

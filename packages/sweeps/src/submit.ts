/** Turns a spec into a sweep. An invalid spec is refused before anything is written. */
import type { Spec, SweepView } from '@ablate/contracts';
import type { Expansion, Point, SpecReading } from '@ablate/search';
import { z } from 'zod';
import type { Context } from './context.ts';
import { createSweep, findSubmission, type Submission } from './create-sweep.ts';
import { refusal } from './refusal.ts';
import type { SpecReader } from './spec-reader.ts';

const PLANNED = 20;

/** The configs and runs that a spec would submit. */
export const Plan = z.strictObject({
  configs: z.int().min(0),
  runs: z.int().min(0),
  points: z
    .array(z.strictObject({ axes: z.record(z.string(), z.unknown()), hash: z.string(), config: z.unknown() }))
    .describe(`The first ${PLANNED} configs`),
});
export type Plan = z.infer<typeof Plan>;

/** The text of a spec, what reads it, and the signal that its sender has left. */
type Written = { text: string; reader: SpecReader; signal: AbortSignal };

type Read = Extract<SpecReading, { spec: Spec }>;

async function readOrRefuse({ text, reader, signal }: Written): Promise<Read> {
  const reading = await reader.read(text, signal);
  if ('malformed' in reading) throw refusal.malformedSpec(reading.malformed);
  if ('complaints' in reading) throw refusal.invalidSpec(reading.complaints);
  return reading;
}

function pointsOrRefuse(expansion: Expansion): Point[] {
  if ('points' in expansion) return expansion.points;
  throw refusal.invalidSpec(expansion.complaints);
}

/** Plans a sweep without submitting it. Refuses a spec that is not JSON (`malformed`) or cannot be expanded (`invalid_spec`). */
export async function planSweep(_: Context, written: Written): Promise<Plan> {
  const { spec, expansion } = await readOrRefuse(written);
  const points = pointsOrRefuse(expansion);
  return { configs: points.length, runs: points.length * spec.seeds.length, points: points.slice(0, PLANNED) };
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
  const { reader, signal } = written;
  const { spec, hash, meaning, expansion } = await readOrRefuse(written);
  const meansTheSame = async (stored: unknown): Promise<boolean> => {
    const earlier = await reader.read(JSON.stringify(stored), signal);
    return meaning !== null && 'meaning' in earlier && earlier.meaning === meaning;
  };
  const submission: Submission | undefined = key === undefined ? undefined : { key, specHash: hash, meansTheSame };
  const earlier = submission && (await findSubmission(context, submission));
  return earlier ?? createSweep(context, { spec, points: pointsOrRefuse(expansion), submission });
}

/** From the text of a spec to its configs. */
import {
  canonicalHash,
  namesConfigsFirst,
  type PointerComplaint,
  pointerComplaints,
  readJson,
  Spec,
  zodComplaints,
} from '@ablate/contracts';
import { type Expansion, expand } from './expand.ts';
import type { ConfigCheck } from './resolve.ts';

/**
 * A spec with its configs, or why it is refused. `hash` is that of the spec with the defaults of its schema. `meaning` is
 * equal for two specs that give the same configs and differ only in how they are written; null without configs.
 */
export type SpecReading =
  | { malformed: string }
  | { complaints: PointerComplaint[] }
  | { spec: Spec; hash: string; expansion: Expansion; meaning: string | null };

function meaningOf(spec: Spec, expansion: Expansion): string | null {
  if (!('points' in expansion)) return null;
  // The points are only some that the search might choose.
  if (!namesConfigsFirst(spec.search)) return canonicalHash(spec);
  const { dataset, model, train, augment, space, ...rest } = spec;
  return canonicalHash({ ...rest, points: expansion.points.map(({ hash, axes }) => ({ hash, axes })) });
}

/** Reads and expands a spec. Bounded for every text of limited length, but may take seconds. */
export function readSpec(text: string, check?: ConfigCheck): SpecReading {
  const read = readJson(text);
  if ('malformed' in read) return read;
  if ('complaints' in read) return { complaints: pointerComplaints(read.complaints) };
  const parsed = Spec.safeParse(read.value);
  if (!parsed.success) return { complaints: pointerComplaints(zodComplaints(parsed.error)) };
  const spec = parsed.data;
  const expansion = expand(spec, check);
  return { spec, hash: canonicalHash(spec), expansion, meaning: meaningOf(spec, expansion) };
}

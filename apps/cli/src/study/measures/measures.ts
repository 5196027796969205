/** What studies measure beside training: a row for each name. */
import type { MeasureName } from '@ablate/studies';
import type { Measure } from './measure.ts';

/** Each imports TensorFlow only when it measures. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  symmetry: async () => (await import('./symmetry.ts')).measureSymmetry(),
  positions: async (input) => (await import('./positions.ts')).measurePositions(input),
  attention: async (input) => (await import('./attention.ts')).measureAttention(input),
  clip: async (input) => (await import('./clip.ts')).measureClip(input),
};

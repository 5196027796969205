/** What stored answers are computed from, and the figures that they hold. */
import type { AnswerMetric } from '@ablate/contracts';
import { z } from 'zod';

/** The metrics of a cell, and what an answer calls them. */
export const METRICS = {
  test_accuracy: 'accuracy',
  val_accuracy: 'accuracy',
  train_accuracy: 'accuracy',
  test_loss: 'loss',
  val_loss: 'loss',
} as const satisfies Record<string, AnswerMetric>;
export type MetricName = keyof typeof METRICS;

export const ConfigRow = z.object({ id: z.string(), position: z.int(), axes: z.record(z.string(), z.unknown()) });
export type ConfigRow = z.infer<typeof ConfigRow>;

/** A figure as it is stored: null if it is not finite. */
export const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

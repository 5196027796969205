/** What answers are computed from, and the figures that they store. */
import { z } from 'zod';

/** Metrics of a cell. Differences of accuracy within ± half a point count as the same; of a loss, lower is better. */
export const METRICS = {
  test_accuracy: { margin: 0.005, sign: 1 },
  val_accuracy: { margin: 0.005, sign: 1 },
  train_accuracy: { margin: 0.005, sign: 1 },
  test_loss: { margin: undefined, sign: -1 },
  val_loss: { margin: undefined, sign: -1 },
} as const;
export type MetricName = keyof typeof METRICS;

export const ConfigRow = z.object({ id: z.string(), axes: z.record(z.string(), z.unknown()) });
export type ConfigRow = z.infer<typeof ConfigRow>;

export const CellRow = z.object({
  configId: z.string(),
  metric: z.string(),
  seeds: z.array(z.int()),
  values: z.array(z.number()),
});
export type CellRow = z.infer<typeof CellRow>;

/** The cells of one metric, by config. */
export type Cells = ReadonlyMap<string, CellRow>;

/** A figure as it is stored: null if it is not finite. */
export const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

/** The configs of a sweep as columns, for plots that show all of them at once. */
import type { AnswerMetric, AnswerSplit, SweepPoints } from '@ablate/contracts';
import { axisNames, axisTexts, varyingAxes } from './axes.ts';
import { type AnswerConfig, meansOf, type Values } from './input.ts';

type PointsInput = {
  /** By position. */
  configs: readonly AnswerConfig[];
  values: Values;
  metric: AnswerMetric;
  split: AnswerSplit;
};

/** O(configs × axes). Values of an axis are numbers, or, if one of them is none, indices of `labels`. */
export function sweepPoints({ configs, values, metric, split }: PointsInput): SweepPoints {
  const paths = varyingAxes(configs);
  const names = axisNames(paths);
  const text = axisTexts(configs);
  const means = meansOf(values);
  const column = (path: string): Pick<SweepPoints['axes'][number], 'labels' | 'values'> => {
    const found = configs.map(({ axes }) => (Object.hasOwn(axes, path) ? axes[path] : undefined));
    const numeric = found.every((value) => value === undefined || typeof value === 'number');
    if (numeric) return { labels: null, values: found.map((value) => (typeof value === 'number' ? value : null)) };
    const labels = new Map<string, number>();
    const indices = found.map((value) => {
      if (value === undefined) return null;
      const label = text(path, value);
      const index = labels.get(label) ?? labels.size;
      labels.set(label, index);
      return index;
    });
    return { labels: [...labels.keys()], values: indices };
  };
  return {
    ...{ metric, split },
    positions: configs.map(({ position }) => position),
    axes: paths.map((path, i) => ({ path, name: names[i] ?? path, ...column(path) })),
    mean: configs.map(({ id }) => means.get(id) ?? null),
    n: configs.map(({ id }) => values.get(id)?.size ?? 0),
    macs: configs.map(({ macs }) => macs),
    parameters: configs.map(({ parameters }) => parameters),
    deviceSeconds: configs.map(({ deviceSeconds }) => deviceSeconds),
  };
}

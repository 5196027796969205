/** Sweeps for tests of answers: a few values by config and seed, and everything else filled in. */
import { type AnswerInput, NO_COST, specBaseline } from '@ablate/answers';
import { type Counts, Spec } from '@ablate/contracts';

export type Situation = {
  /** By config: its values on the axes, and the value of each seed from 1; null is a run without a result. */
  configs: [axes: Record<string, unknown>, values: (number | null)[]][];
  spec?: Record<string, unknown>;
  counts?: Partial<Counts>;
} & Partial<Pick<AnswerInput, 'metric' | 'split' | 'cost' | 'failures' | 'notes' | 'limit'>> & {
    /** By index of the config. */
    disagreements?: Record<number, { discordant: number; images: number }>;
    costs?: [macs: number, parameters: number, seconds: number][];
  };

/** The id of the config at this position. */
export const configId = (position: number): string =>
  `7d9f0d52-46a5-4f0e-9d6e-${position.toString(16).padStart(12, '0')}`;

/** What `buildAnswer` takes, for a situation. Runs without a result have failed unless `counts` says otherwise. */
export function situation({ configs, spec: written, counts, disagreements, costs, ...more }: Situation): AnswerInput {
  const most = Math.max(1, ...configs.map(([, values]) => values.length));
  const spec = Spec.parse({
    version: 1,
    name: 'a sweep',
    seeds: Array.from({ length: most }, (_, i) => i + 1),
    ...written,
  });
  const rows = configs.map(([axes, values], position) => {
    const [macs, parameters, deviceSeconds] = costs?.[position] ?? [null, null, null];
    const failed = values.filter((value) => value === null).length;
    return {
      ...{ id: configId(position), position, hash: `${position}`, axes, fork: null, macs, parameters, deviceSeconds },
      ...{ unfinished: 0, failed, pruned: 0 },
    };
  });
  const succeeded = configs.flatMap(([, values]) => values).filter((value) => value !== null).length;
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  const base = specBaseline(
    rows,
    spec,
    ({ position }) => configs[position]?.[1].filter((value) => value !== null).length ?? 0,
  );
  return {
    sweep: { id: configId(0xabc), name: spec.name },
    spec,
    configs: rows,
    values: new Map(
      configs.map(([, values], i) => [
        configId(i),
        new Map(values.flatMap((value, seed) => (value === null ? [] : [[seed + 1, value] as const]))),
      ]),
    ),
    baseline: base && { id: base.config.id, found: base.found, mostSeeds: base.mostSeeds },
    metric: 'accuracy',
    split: 'test',
    counts: { queued: 0, running: 0, succeeded, failed, cancelled: 0, pruned: 0, ...counts },
    cost: NO_COST,
    failures: [],
    notes: [],
    limit: 200,
    ...(disagreements
      ? { disagreements: new Map(Object.entries(disagreements).map(([i, of]) => [configId(Number(i)), of])) }
      : {}),
    ...more,
  };
}

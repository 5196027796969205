/** A sweep before it is submitted: what it computes, how long it takes, and which differences it can show. */
import type { AnswerMetric, SweepPlan } from '@ablate/contracts';
import { detectableInSweep } from '@ablate/statistics';
import { amount, counted, deviceTime } from '../quantities.ts';
import { type DeviceTime, deviceTimeOf, type MeasuredRun } from './device-time.ts';
import { ASSUMED_DISCORDANCE, type EarlierSweep, plannedNoise } from './noise.ts';
import type { Work } from './work.ts';

export type PlanInput = {
  work: readonly Work[];
  seeds: number;
  metric: AnswerMetric;
  dataset: { name: string; testImages?: number | undefined };
  /** Of a search that decides: what it asks for. Then `work` is that of some configs that it might choose. */
  expected?: {
    configs: number;
    runs: number;
    most: number;
    trainings: number;
    /** What is reported of one that trains its best configs again, on fresh seeds. */
    confirmed?: { configs: number; seeds: number } | null;
  } | null;
  /** Runs that are reused, since equal ones were trained before. */
  answered?: number;
  /** Earlier runs that succeeded, and earlier sweeps on this data set; null if they cannot be asked for. */
  history: { measured: readonly MeasuredRun[]; earlier: readonly EarlierSweep[] } | null;
};

const DESIGN = { alpha: 0.05, power: 0.8 };

const UNITS = ['', ' k', ' M', ' G', ' T', ' P'];

/** A large number in three digits: `11.2 M`. */
function compact(value: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(value || 1) / 3)));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? Math.round(scaled) : Number(scaled.toPrecision(3))}${UNITS[power]}`;
}

const span = ({ least, most }: SweepPlan['macs']): string =>
  compact(least) === compact(most) ? compact(least) : `${compact(least)} to ${compact(most)}`;

const extremes = (values: readonly number[]): SweepPlan['macs'] =>
  values.reduce(({ least, most }, value) => ({ least: Math.min(least, value), most: Math.max(most, value) }), {
    least: values[0] ?? 0,
    most: values[0] ?? 0,
  });

function timeLine(time: DeviceTime): string {
  if ('missing' in time) return `Device time: no estimate yet: ${time.missing}.`;
  const { seconds, low, high, runs } = time.estimate;
  return `Device time: about ${deviceTime(seconds)} (${deviceTime(low)} to ${deviceTime(high)}), by ${counted(runs, 'like run')}.`;
}

function noiseSource({ source, runs }: NonNullable<SweepPlan['detectable']>, { dataset }: PlanInput): string {
  if (source === 'assumption')
    return `assumed: two seeds disagree on ${100 * ASSUMED_DISCORDANCE} % of the ${dataset.testImages?.toLocaleString('en-US')} test images of ${dataset.name}`;
  return `of ${counted(runs, 'earlier run')} on ${dataset.name}${source === 'runs' ? '' : ', of other lengths'}`;
}

/** The configs that are compared, and their seeds. */
type Compared = { configs: number; seeds: number };

function detectableLine(plan: SweepPlan['detectable'], input: PlanInput, { configs, seeds }: Compared): string {
  const { metric, dataset, expected } = input;
  if (configs < 2) return 'One config: there is nothing to compare.';
  if (seeds < 2) return 'One seed: no estimate of noise, so no verdict. Give at least three seeds.';
  const confirmed = expected?.confirmed ? `The best are confirmed on ${counted(seeds, 'fresh seed')}. ` : '';
  if (plan === null)
    return `${confirmed}Differences that these seeds show: unknown, for no earlier run on ${dataset.name} tells its noise.`;
  return `${confirmed}These ${counted(seeds, 'seed')} show differences from ${amount(plan.difference, metric)} on, in four of five cases (noise: sd ${amount(plan.sd, metric)}, ${noiseSource(plan, input)}).`;
}

/** The plan of a sweep, in numbers and in sentences. O(groups of equal cost × measured runs). */
export function buildPlan(input: PlanInput): SweepPlan {
  const { work, seeds, metric, dataset, history } = input;
  const configs = work.reduce((sum, one) => sum + one.configs, 0);
  const { expected = null, answered = 0 } = input;
  const runs = expected?.runs ?? configs * seeds;
  const time: DeviceTime =
    history === null
      ? { missing: 'the service, which has measured earlier runs, does not answer' }
      : deviceTimeOf(work, {
          // Which configs are reused matters less than how many runs.
          seeds: ((expected?.trainings ?? configs * seeds) - answered) / Math.max(1, configs),
          measured: history.measured,
        });
  const compared = expected?.confirmed ?? { configs, seeds };
  const noise = plannedNoise(history?.earlier ?? [], { testImages: dataset.testImages, metric });
  const detectable =
    noise && compared.seeds > 1 && compared.configs > 1
      ? {
          ...noise,
          difference:
            Math.SQRT2 * noise.sd * detectableInSweep({ n: compared.seeds, configs: compared.configs, ...DESIGN }),
        }
      : null;
  const macs = extremes(work.map((one) => one.macs));
  const parameters = extremes(work.map((one) => one.parameters));
  return {
    ...{ configs: expected?.configs ?? configs, seeds, runs, macs, parameters, detectable },
    device: 'estimate' in time ? time.estimate : null,
    lines: [
      expected
        ? `${counted(expected.configs, 'config')}, about ${counted(runs, 'run')}, at most ${expected.most.toLocaleString('en-US')}: as much as ${counted(Number(expected.trainings.toPrecision(3)), 'whole training')}.`
        : `${counted(configs, 'config')} × ${counted(seeds, 'seed')} = ${counted(runs, 'run')}.`,
      `${span(macs)} multiply-accumulates an image, ${span(parameters)} parameters.`,
      timeLine(time),
      detectableLine(detectable, input, compared),
      ...(answered > 0
        ? [
            `${counted(answered, 'run')} of these ${answered === 1 ? 'is' : 'are'} reused, not trained: equal ones succeeded before, with the same config, seed, data and code.`,
          ]
        : []),
    ],
  };
}

/** What an answer says beside its results: luck, exploration, cost, and what would decide the rest. */
import { axisWords } from '../axes.ts';
import { amount, counted, deviceTime, level, listed, plain } from '../quantities.ts';
import { configWords, type Facts } from './facts.ts';

/** How the best config stands, and how far luck carries the best of many. */
export function leader(facts: Facts): string[] {
  const { answer, configs, means, comparisons } = facts;
  if (answer.best === null || configs.length < 3 || answer.noise === null) return [];
  const { configId, beyondNoise, ties } = answer.best;
  const config = configs.find(({ id }) => id === configId);
  if (!config) return [];
  const words = configWords(config, facts);
  const mean = level(means.get(configId) ?? Number.NaN, answer.metric);
  const base = configs.find(({ id }) => id === answer.baseline?.configId);
  const isBaseline = base === config;
  const times =
    base?.deviceSeconds && config.deviceSeconds
      ? Number((config.deviceSeconds / base.deviceSeconds).toPrecision(2))
      : null;
  const ratio = times !== null && times !== 1 && !isBaseline ? `, ${times} × the device time of the baseline` : '';
  const lines = beyondNoise
    ? [`Best by more than noise: ${words}${isBaseline ? ', the baseline' : ''} (${mean}${ratio}).`]
    : [
        `Best mean: ${words}${isBaseline ? ', the baseline' : ''} (${mean}${ratio}); ${counted(ties.length, 'config')}${ties.length === 100 ? ' or more' : ''} cannot be told from it.`,
      ];
  const lucky = answer.luck && answer.luck.configs >= 5 && !beyondNoise;
  return [
    ...(comparisons.size > 1 ? lines : []),
    ...(lucky && answer.luck
      ? [
          `The best of ${answer.luck.configs.toLocaleString('en-US')} equal configs leads their mean by about ${amount(answer.luck.lead, answer.metric)} by luck.`,
        ]
      : []),
  ];
}

export function explored({ answer: { importance } }: Facts): string[] {
  if (importance === null) return [];
  const top = importance.axes
    .slice(0, 3)
    .map(({ name, share }) => `${plain(axisWords(name))} (${Math.round(100 * share)} %)`);
  return [
    `Exploration, not a test: what the best ${importance.top} of ${counted(importance.configs, 'config')} share most is ${listed(top)}.`,
  ];
}

export function implausible(facts: Facts): string[] {
  const found = facts.configs.filter(({ id }) => facts.comparisons.get(id)?.implausible != null);
  if (found.length === 0) return [];
  const names = listed(found.map((config) => configWords(config, facts)));
  return [`The seeds of ${names} agree better than the size of the test set allows: the interval may be too narrow.`];
}

export function cost({ answer: { cost: of } }: Facts): string[] {
  const { reusedRuns: runs, reusedSeconds } = of;
  const reused =
    runs === 0
      ? []
      : [
          `${counted(runs, 'run')} ${runs === 1 ? 'is' : 'are'} reused: equal ones were trained before, in ${deviceTime(reusedSeconds)}.`,
        ];
  if (of.usefulSeconds + of.lostSeconds === 0) return reused;
  const pruned = of.prunedSeconds > 0 ? `, ${deviceTime(of.prunedSeconds)} of it for runs that were pruned` : '';
  const lost = of.lostSeconds > 0 ? `, and ${deviceTime(of.lostSeconds)} lost to interrupted attempts` : '';
  const median = of.medianSeconds === null ? '' : `; median run ${deviceTime(of.medianSeconds)}`;
  return [`Device time: ${deviceTime(of.usefulSeconds)}${pruned}${lost}${median}.`, ...reused];
}

/** More seeds, and what they cost. */
export function next({ answer, configs, values, comparisons }: Facts): string[] {
  const most = configs.reduce((n, { id }) => Math.max(n, values.get(id)?.size ?? 0), 0);
  if (answer.status === 'provisional' || most === 0) return [];
  const price = (seconds: number | null) => (seconds === null ? '' : `, about ${deviceTime(seconds)} of device time`);
  if (most === 1 && configs.length > 1) {
    const runs = 2 * configs.length;
    const seconds = answer.cost.medianSeconds === null ? null : runs * answer.cost.medianSeconds;
    return [`To decide: 3 seeds or more per config (${counted(runs, 'more run')}${price(seconds)}).`];
  }
  if (answer.undecided === null) return [];
  const options = answer.undecided.options.map(
    ({ difference: of, seeds, runs, deviceSeconds }) =>
      `${counted(seeds - (answer.undecided?.seeds ?? 0), 'more seed')} per config (${counted(runs, 'run')}${price(deviceSeconds)}) would show ${amount(of, answer.metric)}`,
  );
  if (options.length === 0) {
    const [open] = [...comparisons.values()].filter(({ detectable }) => detectable !== null);
    if (open?.detectable == null) return [];
    return [`To decide the rest: more seeds; these show ${amount(open.detectable, answer.metric)} or more.`];
  }
  return [`To decide the rest: ${options.join('; ')}.`];
}

/** The answer in sentences, made from its numbers alone. None of them claims that there is no difference. */
import type { Answer, Cause, ComparisonView, EffectView, GridView, LevelView, RunState } from '@ablate/contracts';
import { axisWords, formatPoint, type ValueText } from './axes.ts';
import { decidedBy, deciderOfConfig, deciderOfLevel, testsOf } from './decided-by.ts';
import type { AnswerConfig, Values } from './input.ts';
import { amount, counted, deviceTime, level, listed, plain, sentence, signedAmount } from './quantities.ts';

export type Facts = {
  answer: Omit<Answer, 'headline' | 'verdict'>;
  configs: readonly AnswerConfig[];
  values: Values;
  means: ReadonlyMap<string, number>;
  /** The values of the axes as text. */
  text: ValueText;
  comparisons: ReadonlyMap<string, ComparisonView>;
  /** Whether a config has the values of the spec's baseline. */
  baselineFound: boolean;
};

type Compared = { config: AnswerConfig; comparison: ComparisonView };

/** A sentence, and the largest difference beyond noise that it tells of: 0 for none. */
type Said = { text: string; beyond: number };
const said = (text: string, beyond = 0): Said => ({ text, beyond });

const sizeOf = (differences: readonly (number | null)[]): number =>
  Math.max(0, ...differences.map((of) => Math.abs(of ?? 0)));
/** How the configs of a sweep were chosen. */
const HOW: Readonly<Partial<Record<Answer['search'], string>>> = {
  grid: 'Varied',
  compare: 'Raced',
  random: 'Drawn at random',
  ask: 'Asked for',
};

const CAUSES: Readonly<Record<Cause, string>> = {
  completed: 'completed',
  user_error: 'error in the spec or the data',
  diverged: 'diverged',
  out_of_memory: 'out of memory',
  lost: 'lost',
  preempted: 'preempted',
  cancelled: 'cancelled',
  superseded: 'superseded',
};

const FINISHED: Readonly<Partial<Record<RunState, string>>> = {
  failed: 'failed',
  cancelled: 'cancelled',
  pruned: 'pruned',
};

/** `patch size 4, ordering parallel`: the values of a config on the axes that vary. */
function configWords({ axes }: AnswerConfig, { answer, text }: Pick<Facts, 'answer' | 'text'>): string {
  const of = answer.axes.flatMap(({ path }) => (Object.hasOwn(axes, path) ? [[path, axes[path]] as const] : []));
  return plain(formatPoint(Object.fromEntries(of), { text, wording: axisWords }));
}

/** The words of a config at the start of a sentence. The name of a model keeps its case. */
function starting(config: AnswerConfig, facts: Pick<Facts, 'answer' | 'text'>): string {
  const words = configWords(config, facts);
  const first = facts.answer.axes.find(({ path }) => Object.hasOwn(config.axes, path));
  const named = first && typeof config.axes[first.path] === 'object' && config.axes[first.path] !== null;
  return named ? words : sentence(words);
}

/** Values of an axis that are listed one by one. */
const MAX_VALUES = 4;

/** `patch size (4, 8)`, `learning rate (0.001 to 0.1)`, `augment (12 values)`; one value only as `ordering v1`. */
function variedAxis(
  { path, name }: Answer['axes'][number],
  configs: readonly AnswerConfig[],
  text: ValueText,
): { words: string; varies: boolean } {
  const seen = new Map<string, unknown>();
  for (const { axes } of configs) if (Object.hasOwn(axes, path)) seen.set(text(path, axes[path]), axes[path]);
  const axis = plain(axisWords(name));
  const [first] = seen;
  if (first && seen.size === 1)
    return { words: plain(formatPoint({ [path]: first[1] }, { text, wording: () => axis })), varies: false };
  const numbers = [...seen.values()].filter((value) => typeof value === 'number');
  const range = () => {
    const [low, high] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
    return `${Number(low.toPrecision(3))} to ${Number(high.toPrecision(3))}`;
  };
  const values =
    seen.size <= MAX_VALUES
      ? [...seen.keys()].map(plain).join(', ')
      : numbers.length < seen.size
        ? `${seen.size} values`
        : range();
  return { words: `${axis} (${values})`, varies: true };
}

/** Sets of axes that are named one by one. */
const MAX_SETS = 3;

/** What was varied, and how many configs and seeds that makes. A union of spaces is a list of products. */
function varied({ answer, configs, text }: Facts): string {
  const { axes, runs } = answer;
  if (configs.length === 1) return `One config, ${counted(runs.total, 'seed')}: add an axis to \`space\` to compare.`;
  const seeds = runs.total / configs.length;
  const size = `${counted(configs.length, 'config')}, ${Number.isInteger(seeds) ? counted(seeds, 'seed') : counted(runs.total, 'run')}`;
  const keyed = new Map<string, { of: Answer['axes']; members: AnswerConfig[] }>();
  for (const config of configs) {
    const of = axes.filter(({ path }) => Object.hasOwn(config.axes, path));
    const key = of.map(({ path }) => path).join(' ');
    const set = keyed.get(key) ?? { of, members: [] };
    keyed.set(key, set);
    set.members.push(config);
  }
  const named = (of: Answer['axes'], members: readonly AnswerConfig[]) => {
    const found = of.map((axis) => variedAxis(axis, members, text));
    const product = found.flatMap(({ words, varies }) => (varies ? [words] : [])).join(' × ');
    return [product, ...found.flatMap(({ words, varies }) => (varies ? [] : [words]))].filter(Boolean).join(', ');
  };
  const spaces =
    keyed.size <= MAX_SETS
      ? [...keyed.values()].map(({ of, members }) => named(of, members) || 'as written')
      : axes.map((axis) => variedAxis(axis, configs, text).words);
  const how = HOW[answer.search] ?? 'Searched';
  return `${how}: ${keyed.size <= MAX_SETS ? spaces.join('; ') : listed(spaces, 5)}. ${size}.`;
}

/** `: 8 diverged, 4 out of memory`. */
const causes = ({ failures }: Pick<Answer, 'failures'>): string => {
  const counts = failures.map(
    ({ state, cause, runs }) => `${runs} ${cause === null ? (FINISHED[state] ?? state) : CAUSES[cause]}`,
  );
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`;
};

function progress({ answer: { runs, status } }: Facts): string[] {
  if (status === 'final') return [];
  const finished = runs.total - runs.queued - runs.running;
  return [`Provisional: ${finished} of ${counted(runs.total, 'run')} finished.`];
}

function failed({ answer }: Facts): string[] {
  const { runs } = answer;
  const without = runs.failed + runs.cancelled + runs.pruned;
  if (without === 0) return [];
  if (without === runs.total) return [`No run succeeded${causes(answer)}.`];
  return [`${without} of ${counted(runs.total, 'run')} without a result${causes(answer)}.`];
}

/** The difference of a config with half of its pooled interval. */
function difference({ comparison: { difference: of, pooled } }: Compared, { metric }: Pick<Answer, 'metric'>): string {
  return signedAmount(of ?? 0, pooled === null ? null : (pooled.high - pooled.low) / 2, metric);
}

/** Comparisons that are corrected together. */
const testsOfConfigs = ({ comparisons }: Facts): number =>
  [...comparisons.values()].filter(({ pooled }) => pooled !== null).length;

/** The same, and what decides where the interval alone would say more. */
function undecidedDifference(facts: Facts, one: Compared): string {
  const decider = deciderOfConfig(one.comparison);
  return `${difference(one, facts.answer)}${decider === null ? '' : `; ${decidedBy(decider, testsOfConfigs(facts))}`}`;
}

/** Size of a difference with half of its interval, without a sign: `13.1 ± 1.71 points`. */
const size = (one: Compared, answer: Pick<Answer, 'metric'>): string => difference(one, answer).slice(1);

const direction = ({ better }: Pick<Answer, 'better'>): 1 | -1 => (better === 'higher' ? 1 : -1);

const METRICS = { accuracy: 'accuracy', loss: 'loss' } as const;
const figure = ({ split, metric }: Pick<Answer, 'split' | 'metric'>): string => `${split} ${METRICS[metric]}`;

/** The config with the best mean; the first of equal ones. */
function best({ answer, configs, means }: Facts): { config: AnswerConfig; mean: number } | null {
  let top: { config: AnswerConfig; mean: number } | null = null;
  for (const config of configs) {
    const mean = means.get(config.id);
    if (mean !== undefined && (top === null || direction(answer) * (mean - top.mean) > 0)) top = { config, mean };
  }
  return top;
}

/** One sentence for each axis of a grid. */
function effectSentence(
  { name, axis, levels, dependsOn }: EffectView,
  grid: GridView,
  answer: Facts['answer'],
): string {
  const { interactions, effects } = grid;
  const words = axisWords(name);
  const reference = levels.find(({ verdict }) => verdict === 'baseline');
  const others = levels.filter((one) => one !== reference);
  const head = `${sentence(plain(words))}`;
  const against = plain(reference?.text ?? '');
  if (dependsOn.length > 0) {
    const other = effects.find((effect) => effect.name === dependsOn[0]);
    const cells = interactions.find(({ axes }) => axes.includes(axis) && other && axes.includes(other.axis));
    const at = cells && cells.axes[0] === axis ? ([0, 1] as const) : ([1, 0] as const);
    const cell = (mine: string, theirs: string) =>
      cells?.cells?.find(({ levels: both }) => both[at[0]] === mine && both[at[1]] === theirs)?.mean;
    const examples =
      others.length === 1 && other && other.levels.length <= MAX_VALUES
        ? other.levels.flatMap(({ text }) => {
            const [mine, theirs] = [cell(others[0]?.text ?? '', text), cell(reference?.text ?? '', text)];
            if (mine === undefined || theirs === undefined) return [];
            return [
              `${signedAmount(mine - theirs, null, answer.metric)} at ${plain(axisWords(other.name))} ${plain(text)}`,
            ];
          })
        : [];
    const detail =
      examples.length > 0 ? `: ${plain(others[0]?.text ?? '')} against ${against} is ${listed(examples)}` : '';
    return `${head} depends on ${listed(dependsOn.map((one) => plain(axisWords(one))))}${detail}.`;
  }
  const amountOf = ({ difference: of, pooled }: LevelView) =>
    signedAmount(of ?? 0, pooled === null ? null : (pooled.high - pooled.low) / 2, answer.metric);
  const openAmount = (one: LevelView) => {
    const decider = deciderOfLevel(one);
    return `${amountOf(one)}${decider === null ? '' : `; ${decidedBy(decider, testsOf(grid))}`}`;
  };
  const within = amount(answer.margin ?? 0, answer.metric);
  const pick = (...verdicts: LevelView['verdict'][]) => others.filter(({ verdict }) => verdicts.includes(verdict));
  const [only] = others;
  if (only && others.length === 1) {
    const name = plain(only.text);
    if (only.verdict === 'better' || only.verdict === 'worse')
      return `${head}: ${name} is ${only.verdict} than ${against} by ${amountOf(only).slice(1)}.`;
    if (only.verdict === 'equivalent') return `${head}: ${name} is the same as ${against} within ${within}.`;
    return `${head}: ${name} cannot be told from ${against} (${openAmount(only)}).`;
  }
  const by = (one: LevelView) => `${plain(one.text)} is ${one.verdict} by ${amountOf(one).slice(1)}`;
  const [decided, same, open] = [pick('better', 'worse'), pick('equivalent'), pick('noise', 'no-noise-estimate')];
  const parts = [
    ...(decided.length > 0 ? [listed(decided.map(by))] : []),
    ...(same.length > 0
      ? [`${listed(same.map(({ text }) => plain(text)))} ${same.length === 1 ? 'is' : 'are'} the same within ${within}`]
      : []),
    ...(open.length > 0
      ? [`${listed(open.map((one) => `${plain(one.text)} (${openAmount(one)})`))} cannot be told from it`]
      : []),
  ];
  return `${head}, against ${against}: ${parts.join('; ')}.`;
}

/** The configs against the baseline, counted by verdict, with the extremes. */
function verdicts(facts: Facts, compared: readonly Compared[], beside: 'all' | 'rest'): Said[] {
  const { answer } = facts;
  const base = `the baseline (${plain(wordsOf(facts, answer.baseline?.configId))})`;
  const name = ({ config }: Pick<Compared, 'config'>) => configWords(config, facts);
  const pick = (verdict: ComparisonView['verdict']) =>
    compared
      .filter(({ comparison }) => comparison.verdict === verdict)
      .toSorted((a, b) => Math.abs(b.comparison.difference ?? 0) - Math.abs(a.comparison.difference ?? 0));
  const [better, worse, same, noise] = [pick('better'), pick('worse'), pick('equivalent'), pick('noise')];
  const of = `${counted(compared.length, beside === 'all' ? 'other config' : 'config')}`;
  const lines: Said[] = [];
  const say = (group: readonly Compared[], word: string) => {
    const [first, second] = group;
    if (first === undefined) return;
    const beyond = sizeOf(group.map(({ comparison }) => comparison.difference));
    if (group.length <= 2)
      lines.push(
        ...[first, ...(second ? [second] : [])].map((one) =>
          said(
            `${starting(one.config, facts)} is ${word} than ${base} by ${size(one, answer)}.`,
            Math.abs(one.comparison.difference ?? 0),
          ),
        ),
      );
    else if (group.length === compared.length)
      lines.push(
        said(`All ${of} are ${word} than ${base}, most of all ${name(first)} by ${size(first, answer)}.`, beyond),
      );
    else
      lines.push(
        said(
          `${group.length.toLocaleString('en-US')} of ${of} are ${word} than ${base}, most of all ${name(first)} by ${size(first, answer)}.`,
          beyond,
        ),
      );
  };
  say(better, 'better');
  if (better.length === 0 && worse.length > 0 && worse.length + same.length + noise.length > 1)
    lines.push(
      said(
        `No config is better than ${base} by more than noise.`,
        sizeOf(worse.map(({ comparison }) => comparison.difference)),
      ),
    );
  say(worse, 'worse');
  if (same.length > 0)
    lines.push(
      said(
        `${same.length <= 2 ? listed(same.map(({ config }, i) => (i === 0 ? starting(config, facts) : name({ config })))) : `${same.length.toLocaleString('en-US')} of ${of}`} ${same.length === 1 ? 'is' : 'are'} the same as ${base} within ${amount(answer.margin ?? 0, answer.metric)}.`,
      ),
    );
  const [largest] = noise;
  if (largest) {
    if (noise.length === 1)
      lines.push(
        said(
          `${starting(largest.config, facts)} cannot be told from ${base} (${undecidedDifference(facts, largest)}).`,
        ),
      );
    else {
      const all = noise.length === compared.length;
      const decider = deciderOfConfig(largest.comparison);
      const why = decider === null ? null : decidedBy(decider, testsOfConfigs(facts));
      lines.push(
        said(
          `${all ? `None of ${of}` : `${noise.length.toLocaleString('en-US')} of ${of}`} ${all ? 'can' : 'cannot'} be told from ${base}; the largest difference is ${difference(largest, answer)} (${name(largest)}${why === null ? '' : `; ${why}`}).`,
        ),
      );
    }
  }
  return lines;
}

const wordsOf = (facts: Facts, id: string | undefined): string => {
  const config = facts.configs.find((one) => one.id === id);
  return config ? configWords(config, facts) : '';
};

/** With no estimate of noise: the best mean, and why nothing is said about it. */
function withoutNoise(facts: Facts, compared: readonly Compared[]): string[] {
  const { answer } = facts;
  const top = best(facts);
  if (top === null) return [];
  const most = Math.max(...facts.configs.map(({ id }) => facts.values.get(id)?.size ?? 0));
  const pairs = Math.max(0, ...compared.map(({ comparison }) => comparison.pairs.used));
  const why = most <= 1 ? 'one seed' : pairs <= 1 ? 'fewer than two common seeds' : 'the differences have no spread';
  const lead = compared.find(({ config }) => config === top.config);
  const words = starting(top.config, facts);
  const has = `the ${answer.better === 'higher' ? 'highest' : 'lowest'} ${figure(answer)} (${level(top.mean, answer.metric)})`;
  const base = wordsOf(facts, answer.baseline?.configId);
  const tail =
    top.config.id === answer.baseline?.configId
      ? 'and is the baseline'
      : lead?.comparison.difference == null
        ? 'and has no seed in common with the baseline'
        : `${signedAmount(lead.comparison.difference, null, answer.metric)} against the baseline (${base})`;
  return [`${words} has ${has}${tail.startsWith('and') ? ' ' : ', '}${tail}; ${why}: no estimate of noise.`];
}

/** Configs that have no estimate of noise while others do. */
function withoutEstimate(facts: Facts, compared: readonly Compared[]): string[] {
  const found = compared.filter(({ comparison }) => comparison.verdict === 'no-noise-estimate');
  if (found.length === 0) return [];
  const each = found.map((one) => `${configWords(one.config, facts)} (${difference(one, facts.answer)})`);
  return [`No estimate of noise, for too few common seeds or no spread: ${listed(each)}.`];
}

/** Configs that are left out of the pooled variance, such as one with a diverged seed. */
function standingOut(facts: Facts, compared: readonly Compared[]): string[] {
  const found = compared.filter(({ comparison }) => comparison.standsOut);
  if (found.length === 0) return [];
  const names = listed(found.map(({ config }) => configWords(config, facts)));
  return [`The seeds of ${names} differ far more than those of the others: judged by their own spread only.`];
}

const isDecided = (verdict: ComparisonView['verdict']): boolean => verdict === 'better' || verdict === 'worse';

/** What is better, by how much, and what cannot be told. */
function results(facts: Facts): Said[] {
  const { answer, configs, values, comparisons } = facts;
  const top = best(facts);
  if (top === null) return [];
  if (configs.length === 1) {
    const [row] = answer.rows;
    const of = sentence(figure(answer));
    const unit = answer.metric === 'accuracy' ? ' %' : '';
    const number = (value: number) => level(value, answer.metric).replace(' %', '');
    return [
      said(
        row?.sd == null
          ? `${of}: ${number(top.mean)}${unit}; one seed: no estimate of noise.`
          : `${of}: ${number(top.mean)} ± ${number(row.sd)}${unit} (mean ± sd of ${counted(row.n, 'seed')}).`,
      ),
    ];
  }
  const base = configs.find(({ id }) => id === answer.baseline?.configId);
  if (base && (values.get(base.id)?.size ?? 0) === 0)
    return [
      said(
        `The baseline (${configWords(base, facts)}) has no result, so nothing is compared; the ${answer.better === 'higher' ? 'highest' : 'lowest'} ${figure(answer)} is ${level(top.mean, answer.metric)} (${configWords(top.config, facts)}).`,
      ),
    ];
  const compared = configs.flatMap((config): Compared[] => {
    const comparison = comparisons.get(config.id);
    return comparison && comparison.verdict !== 'no-result' ? [{ config, comparison }] : [];
  });
  const missing = comparisons.size - compared.length;
  const absent =
    missing > 0
      ? [
          said(
            `${counted(missing, 'config')} ${missing === 1 ? 'has' : 'have'} no seed in common with the baseline yet.`,
          ),
        ]
      : [];
  const judged = compared.filter(({ comparison }) => comparison.verdict !== 'no-noise-estimate');
  if (judged.length === 0) return [...withoutNoise(facts, compared).map((text) => said(text)), ...absent];
  const grids = answer.grids.filter(({ effects }) =>
    effects.some(({ levels }) => levels.some(({ pooled }) => pooled !== null)),
  );
  const inGrid = (config: AnswerConfig) =>
    grids.some(({ axes }) => axes.every((axis) => Object.hasOwn(config.axes, axis)));
  const effects = grids.flatMap((grid) =>
    grid.effects.map((effect) =>
      said(
        effectSentence(effect, grid, answer),
        sizeOf(effect.levels.flatMap(({ verdict, difference: of }) => (isDecided(verdict) ? [of] : []))),
      ),
    ),
  );
  const rest = judged.filter(({ config }) => !inGrid(config));
  const within = judged.filter(({ config }) => inGrid(config));
  const decided = within.filter(({ comparison: { verdict } }) => isDecided(verdict));
  return [
    ...effects,
    ...(grids.length === 0 ? verdicts(facts, judged, 'all') : []),
    // The effects tell of the configs of the grids already: the others come first.
    ...(grids.length > 0 && rest.length > 0 ? verdicts(facts, rest, 'rest') : []),
    ...(grids.length > 0 && decided.length > 0 ? verdicts(facts, within, rest.length > 0 ? 'rest' : 'all') : []),
    ...[...withoutEstimate(facts, compared), ...standingOut(facts, judged)].map((text) => said(text)),
    ...absent,
  ];
}

/** How the best config stands, and how far luck carries the best of many. */
function leader(facts: Facts): string[] {
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

function explored({ answer: { importance } }: Facts): string[] {
  if (importance === null) return [];
  const top = importance.axes
    .slice(0, 3)
    .map(({ name, share }) => `${plain(axisWords(name))} (${Math.round(100 * share)} %)`);
  return [
    `Exploration, not a test: what the best ${importance.top} of ${counted(importance.configs, 'config')} share most is ${listed(top)}.`,
  ];
}

function implausible(facts: Facts): string[] {
  const found = facts.configs.filter(({ id }) => facts.comparisons.get(id)?.implausible != null);
  if (found.length === 0) return [];
  const names = listed(found.map((config) => configWords(config, facts)));
  return [`The seeds of ${names} agree better than the size of the test set allows: the interval may be too narrow.`];
}

function cost({ answer: { cost: of } }: Facts): string[] {
  const { reusedRuns: runs, reusedSeconds } = of;
  const reused =
    runs === 0
      ? []
      : [
          `${counted(runs, 'run')} ${runs === 1 ? 'is' : 'are'} reused: equal ones were trained before, in ${deviceTime(reusedSeconds)}.`,
        ];
  if (of.usefulSeconds + of.lostSeconds === 0) return reused;
  const lost = of.lostSeconds > 0 ? `, and ${deviceTime(of.lostSeconds)} lost to interrupted attempts` : '';
  const median = of.medianSeconds === null ? '' : `; median run ${deviceTime(of.medianSeconds)}`;
  return [`Device time: ${deviceTime(of.usefulSeconds)}${lost}${median}.`, ...reused];
}

/** More seeds, and what they cost. */
function next({ answer, configs, values, comparisons }: Facts): string[] {
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

/** Characters of a verdict in one line. */
const LINE = 400;

/**
 * The results in one line, for a list: the largest difference beyond noise first, and as many sentences as fit; null without a result.
 */
export function verdictLine(facts: Facts): string | null {
  const [first, ...others] = results(facts).toSorted((a, b) => b.beyond - a.beyond);
  if (first === undefined) return null;
  let line = first.text;
  for (const { text } of others) {
    if (line.length + 1 + text.length > LINE) break;
    line += ` ${text}`;
  }
  return line;
}

/** The sentences of an answer, in the order in which they matter. */
export function headline(facts: Facts): string[] {
  const { answer, configs, baselineFound } = facts;
  if (configs.length === 0) return ['The sweep has no configs.'];
  const lost = baselineFound ? [] : ['No config has the values of the baseline: the first config stands in for it.'];
  return [
    ...progress(facts),
    varied(facts),
    ...lost,
    ...results(facts).map(({ text }) => text),
    ...leader(facts),
    ...explored(facts),
    ...implausible(facts),
    ...failed(facts),
    ...cost(facts),
    ...next(facts),
    ...([...facts.comparisons.values()].some(({ pooled }) => pooled !== null)
      ? [`Intervals are ${answer.covers}.`]
      : []),
  ];
}

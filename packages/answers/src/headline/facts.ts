/** What the sentences of an answer are made from, and the words for its configs. */
import type { Answer, ComparisonView } from '@ablate/contracts';
import { axisWords, formatPoint, type ValueText } from '../axes.ts';
import type { AnswerConfig, Values } from '../input.ts';
import { plain, sentence } from '../quantities.ts';

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
  /** Whether the baseline is the config with the most seeds, since the first has no result. */
  baselineByMostSeeds: boolean;
};

export type Compared = { config: AnswerConfig; comparison: ComparisonView };

/** `patch size 4, ordering parallel`: the values of a config on the axes that vary. */
export function configWords({ axes }: AnswerConfig, { answer, text }: Pick<Facts, 'answer' | 'text'>): string {
  const of = answer.axes.flatMap(({ path }) => (Object.hasOwn(axes, path) ? [[path, axes[path]] as const] : []));
  return plain(formatPoint(Object.fromEntries(of), { text, wording: axisWords }));
}

/** The words of a config at the start of a sentence. The name of a model keeps its case. */
export function starting(config: AnswerConfig, facts: Pick<Facts, 'answer' | 'text'>): string {
  const words = configWords(config, facts);
  const first = facts.answer.axes.find(({ path }) => Object.hasOwn(config.axes, path));
  const named = first && typeof config.axes[first.path] === 'object' && config.axes[first.path] !== null;
  return named ? words : sentence(words);
}

export const wordsOf = (facts: Facts, id: string | undefined): string => {
  const config = facts.configs.find((one) => one.id === id);
  return config ? configWords(config, facts) : '';
};

const direction = ({ better }: Pick<Answer, 'better'>): 1 | -1 => (better === 'higher' ? 1 : -1);

export const figure = ({ split, metric }: Pick<Answer, 'split' | 'metric'>): string => `${split} ${metric}`;

/** The config with the best mean; the first of equal ones. */
export function best({ answer, configs, means }: Facts): { config: AnswerConfig; mean: number } | null {
  let top: { config: AnswerConfig; mean: number } | null = null;
  for (const config of configs) {
    const mean = means.get(config.id);
    if (mean !== undefined && (top === null || direction(answer) * (mean - top.mean) > 0)) top = { config, mean };
  }
  return top;
}

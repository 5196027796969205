/** Quantities and names as text for sentences. */
import type { AnswerMetric } from '@ablate/contracts';

/** A difference without its sign: shares as points, a loss as a plain number. */
export const amount = (value: number, metric: AnswerMetric): string => {
  const size = Math.abs(value);
  return metric === 'accuracy' ? `${(100 * size).toFixed(2)} points` : `${size.toPrecision(2)}`;
};

/** A difference with its sign and half of its interval: `+1.20 ± 0.40 points`. */
export function signedAmount(value: number, half: number | null, metric: AnswerMetric): string {
  const sign = value < 0 ? '−' : '+';
  const range = half === null ? '' : ` ± ${amount(half, metric).replace(' points', '')}`;
  return `${sign}${amount(value, metric).replace(' points', '')}${range}${metric === 'accuracy' ? ' points' : ''}`;
}

/** A mean: `58.12 %`, or a loss. */
export const level = (value: number, metric: AnswerMetric): string =>
  metric === 'accuracy' ? `${(100 * value).toFixed(2)} %` : value.toPrecision(4);

/** Device time: `48 s`, `12 min`, `3.4 h`. */
export function deviceTime(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return `${hours < 10 ? hours.toFixed(1) : Math.round(hours).toLocaleString('en-US')} h`;
}

/** `1 run`, `2 runs`. */
export const counted = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`; past `most`, `a, b and 3 more`. */
export function listed(items: readonly string[], most = 4): string {
  const kept = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : [...items];
  const last = kept.pop() ?? '';
  return kept.length === 0 ? last : `${kept.join(', ')} and ${last}`;
}

/** Characters of a name in a sentence. */
const MOST_CHARACTERS = 80;

/**
 * A name from a spec, for a sentence: control characters, which could move a cursor, and direction marks, which could turn the sentence
 * around, become U+FFFD; a long name is cut. The reader of the sentence escapes it for its own medium.
 */
export function plain(text: string): string {
  const shown = [...text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')];
  return shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS - 1).join('')}…` : shown.join('');
}

/** The first letter in upper case. */
export const sentence = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

/** Figures of an answer as text: accuracy in percent and points, loss as it is. */
import type { Answer } from '@ablate/contracts';
import { percent, points } from '../../format/number.ts';

export type Figures = {
  /** "test accuracy, %" */
  title: string;
  /** The unit of a difference. */
  unit: string;
  /** From a value to its unit on an axis. */
  factor: number;
  value: (value: number) => string;
  difference: (value: number) => string;
  /** The half width of an interval, or a spread. */
  spread: (value: number) => string;
};

const loss = (value: number) => value.toFixed(4);

export function figuresOf({ metric, split }: Pick<Answer, 'metric' | 'split'>): Figures {
  if (metric === 'accuracy')
    return {
      title: `${split} accuracy, %`,
      unit: 'points',
      factor: 100,
      value: percent,
      difference: points,
      spread: (value) => percent(value),
    };
  return {
    title: `${split} loss`,
    unit: 'nats',
    factor: 1,
    value: loss,
    difference: (value) => `${value < 0 ? '−' : '+'}${loss(Math.abs(value))}`,
    spread: loss,
  };
}

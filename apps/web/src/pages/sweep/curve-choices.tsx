/** Which curves a plot shows, in the address: the metric, and what it is drawn over. */
import type { CurveX } from '@ablate/contracts';
import { count, percent } from '../../format/number.ts';
import { changeSearch, useParameter } from '../../router/location.ts';
import css from './curves-panel.module.css';

const AXES: Readonly<Record<CurveX, string>> = {
  epoch: 'epoch',
  step: 'step',
  samples: 'images seen',
  time: 'device time, s',
};

const isX = (text: string | null): text is CurveX => text !== null && Object.hasOwn(AXES, text);

export const curveAxisTitle = (x: CurveX): string => AXES[x];

const threeDigits = (value: number): string =>
  Math.abs(value) >= 100 ? count(Math.round(value)) : value.toPrecision(3);

export const curveFormat = (metric: string): ((value: number) => string) =>
  metric.endsWith('accuracy') ? percent : threeDigits;

/** From a value to its unit on an axis. */
export const curveFactor = (metric: string): number => (metric.endsWith('accuracy') ? 100 : 1);

type CurveChoice = { metric: string; x: CurveX };

export function useCurveChoice(): CurveChoice {
  const x = useParameter('x');
  return { metric: useParameter('curve') ?? 'val/accuracy', x: isX(x) ? x : 'epoch' };
}

type Props = { choice: CurveChoice; metrics: readonly string[] };

export function CurveChoices({ choice, metrics }: Props) {
  return (
    <div className={css.choices}>
      <label>
        Figure{' '}
        <select value={choice.metric} onChange={({ target }) => changeSearch({ curve: target.value })}>
          {[...new Set([choice.metric, ...metrics])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        over{' '}
        <select value={choice.x} onChange={({ target }) => changeSearch({ x: target.value })}>
          {Object.entries(AXES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

import css from './inside.module.css';
import { colourOf, type Scale } from './paint.ts';
import { shareOf } from './words.ts';

const STEPS = 40;

/** The colours of a scale with its ends. */
export function Legend({ scale, percent = true }: { scale: Scale; percent?: boolean }) {
  const { low, high, signed } = scale;
  const text = (value: number) => (percent ? shareOf(value, signed) : value.toFixed(2));
  return (
    <p className={css.legend}>
      {text(low)}
      <svg viewBox={`0 0 ${STEPS} 1`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: STEPS }, (_, step) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
            key={step}
            x={step}
            width="1.05"
            height="1"
            fill={`rgb(${colourOf(low + ((high - low) * step) / (STEPS - 1), scale).join(' ')})`}
          />
        ))}
      </svg>
      {text(high)}
    </p>
  );
}

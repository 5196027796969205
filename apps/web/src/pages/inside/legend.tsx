import css from './inside.module.css';
import { colourOf, type Scale } from './paint.ts';

const STEPS = 40;

/** The colours of a scale with its ends, as `text`. */
export function Legend({ scale, text }: { scale: Scale; text: (value: number) => string }) {
  const { low, high } = scale;
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

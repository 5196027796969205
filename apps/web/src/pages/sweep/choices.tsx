/** Which figure a page shows: of test or validation images, accuracy or loss. */
import type { Answer } from '@ablate/contracts';
import css from './choices.module.css';

const SPLITS = [
  ['test', 'Test'],
  ['validation', 'Validation'],
] as const;

type ChoicesProps = {
  figure: Pick<Answer, 'split' | 'metric'>;
  change: (figure: { split?: string; metric?: string }) => void;
};

export function Choices({ figure, change }: ChoicesProps) {
  return (
    <div className={css.choices}>
      <fieldset>
        <legend className="visually-hidden">Images that the figures are measured on</legend>
        {SPLITS.map(([split, name]) => (
          <label key={split} data-checked={figure.split === split || undefined}>
            <input
              type="radio"
              name="split"
              checked={figure.split === split}
              onChange={() => change({ split: split === 'test' ? undefined : split })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend className="visually-hidden">Figure</legend>
        {(['accuracy', 'loss'] as const).map((metric) => (
          <label key={metric} data-checked={figure.metric === metric || undefined}>
            <input type="radio" name="metric" checked={figure.metric === metric} onChange={() => change({ metric })} />
            {metric === 'accuracy' ? 'Accuracy' : 'Loss'}
          </label>
        ))}
      </fieldset>
      <span className={css.hint}>the best epoch is chosen on validation; test images are read once, at the end</span>
    </div>
  );
}

import { useMemo } from 'react';
import { percent } from '../../format/number.ts';
import css from './inside.module.css';
import type { Inside } from './inside-file.ts';
import { MapCanvas } from './map-canvas.tsx';
import { PLAIN } from './paint.ts';
import { isRight } from './words.ts';

/** What the model says of an image, and what it is. */
export function Predictions({ inside: { header, pictures }, at }: { inside: Inside; at: number }) {
  const painting = useMemo(() => ({ image: at, grid: null, scale: PLAIN }), [at]);
  const image = header.images[at];
  if (!image) return null;
  const right = isRight(image);
  return (
    <div className={css.predictions}>
      <MapCanvas painting={painting} pictures={pictures} className={css.plain} label="The image" />
      <div>
        {image.labelName !== null && (
          <p>
            It is <bdi>{image.labelName}</bdi>:{' '}
            <strong data-right={right}>{right ? 'recognised' : 'not recognised'}</strong>
          </p>
        )}
        <table>
          <caption className="visually-hidden">The most probable classes</caption>
          <tbody>
            {image.top.map(({ label, name, probability }) => (
              <tr key={label} className={label === image.label ? css.truth : undefined}>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                <td>
                  <meter min={0} max={1} value={probability} aria-hidden="true" />
                </td>
                <td className={css.number}>{percent(probability)} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

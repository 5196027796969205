import { useMemo } from 'react';
import css from './inside.module.css';
import type { Inside } from './inside-file.ts';
import { MapCanvas } from './map-canvas.tsx';
import { PLAIN } from './paint.ts';
import { describeImage, isRight } from './words.ts';

/** The pictures: one is chosen. Arrows move among them. */
export function ImageStrip({
  inside: { header, pictures },
  chosen,
  choose,
}: {
  inside: Inside;
  /** None while a picture of the reader is shown. */
  chosen: number | null;
  choose: (image: number) => void;
}) {
  const paintings = useMemo(
    () => header.images.map((_, image) => ({ image, grid: null, scale: PLAIN })),
    [header.images],
  );
  return (
    <fieldset className={css.strip}>
      <legend className="visually-hidden">Image</legend>
      {header.images.map((image, at) => {
        const right = isRight(image);
        return (
          <label key={image.index} className={css.picture} data-checked={at === chosen || undefined}>
            <input
              type="radio"
              name="image"
              checked={at === chosen}
              aria-label={`Image ${at + 1}: ${describeImage(image)}`}
              onChange={() => choose(at)}
            />
            {paintings[at] && <MapCanvas painting={paintings[at]} pictures={pictures} most={128} />}
            <span className={css.caption} data-right={right ?? undefined}>
              {right === false && <span aria-hidden="true">✕ </span>}
              <bdi>{image.labelName ?? image.top[0]?.name}</bdi>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

import { useMemo } from 'react';
import { patchMap } from './everywhere.ts';
import { type Head, HeadGrid } from './head-grid.tsx';
import css from './inside.module.css';
import {
  type Grid,
  headMap,
  headsOf,
  type Inside,
  isDifferential,
  layersOf,
  type Part,
  wholeMap,
  wholeMaps,
} from './inside-file.ts';
import { LargeMap } from './large-map.tsx';
import { MapCanvas } from './map-canvas.tsx';
import { scaleOf } from './paint.ts';
import { Predictions } from './predictions.tsx';
import type { Tensors } from './safetensors.ts';
import { describeMap, headName, layerName } from './words.ts';

/** What a reader looks at, of the address: an image, a map, and how it is shown. */
export type View = { image: number; map: string | null; part: Part; shared: boolean; patch: number | null };

const DEFAULT_HEAD = 'mean';

/** "0/mean" or "0/2" of a layer and head; a whole map has its own name. */
const mapOfHead = ({ layer, head }: Head): string => `${layer}/${head}`;

/** The chosen map if this model has it; otherwise its last layer's mean, or its first whole map. */
function chosenMap(inside: Inside, map: string | null): { head: Head } | { whole: string } | null {
  const wholes = wholeMaps(inside).map(({ name }) => name);
  if (map !== null && wholes.includes(map)) return { whole: map };
  const layers = layersOf(inside);
  const [layer = '', at = ''] = map?.split('/') ?? [];
  if (layers.includes(layer)) {
    const head = at === DEFAULT_HEAD ? DEFAULT_HEAD : Number(at);
    return { head: { layer, head: head !== DEFAULT_HEAD && head < headsOf(inside, layer) ? head : DEFAULT_HEAD } };
  }
  const last = layers.at(-1);
  if (last !== undefined) return { head: { layer: last, head: DEFAULT_HEAD } };
  return wholes[0] === undefined ? null : { whole: wholes[0] };
}

/** One model on one image: what it says, one map enlarged, and all others to choose from. */
export function RunInside({
  inside,
  everywhere,
  view: { image, map, part, shared, patch },
  choose,
  keep,
}: {
  inside: Inside;
  /** Whole matrices, once they are loaded. */
  everywhere: Tensors | null;
  view: View;
  choose: (map: string) => void;
  keep: (patch: number | null) => void;
}) {
  const { header, pictures } = inside;
  const chosen = useMemo(() => chosenMap(inside, map), [inside, map]);
  const head = chosen && 'head' in chosen ? chosen.head : null;
  const whole = chosen && 'whole' in chosen ? chosen.whole : null;
  const signed = head !== null && part === 'difference' && isDifferential(inside);
  const grid = useMemo(() => {
    if (whole !== null) return wholeMap(inside, whole, image);
    return head === null ? null : headMap(inside, { image, part, ...head });
  }, [inside, image, part, whole, head]);
  const lookOf = useMemo(() => {
    if (!everywhere || !(whole === 'rollout' || (head !== null && part === 'difference'))) return null;
    return (at: number) => patchMap(everywhere, { image, patch: at, ...(head ?? { whole: 'rollout' }) });
  }, [everywhere, image, part, whole, head]);
  if (!header.images[image]) return <p className={css.quiet}>This run has no such image.</p>;
  const maps = wholeMaps(inside);
  const title = head
    ? `${layerName(head.layer)}, ${headName(head.head)}`
    : (maps.find(({ name }) => name === whole)?.title ?? '');
  return (
    <div className={css.model}>
      <div>
        <Predictions inside={inside} at={image} />
        {grid ? (
          <LargeMap
            title={title}
            grid={grid}
            image={image}
            pictures={pictures}
            signed={signed}
            lookOf={lookOf}
            kept={patch}
            keep={keep}
          />
        ) : (
          <p className={css.quiet}>This map is not stored for this image.</p>
        )}
      </div>
      <div className={css.all}>
        {maps.length > 0 && (
          <fieldset className={css.wholes}>
            <legend className="visually-hidden">Maps of the whole model</legend>
            {maps.map(({ name, title: ofWhole }) => (
              <WholeTile
                key={name}
                title={ofWhole}
                grid={wholeMap(inside, name, image)}
                image={image}
                inside={inside}
                chosen={name === whole}
                choose={() => choose(name)}
              />
            ))}
          </fieldset>
        )}
        <HeadGrid
          inside={inside}
          image={image}
          part={part}
          signed={part === 'difference' && isDifferential(inside)}
          shared={shared}
          chosen={head}
          choose={(one) => choose(mapOfHead(one))}
        />
        {header.notes.map((note) => (
          <p key={note} className={css.quiet}>
            {note}
          </p>
        ))}
      </div>
    </div>
  );
}

function WholeTile({
  title,
  grid,
  image,
  inside,
  chosen,
  choose,
}: {
  title: string;
  grid: Grid | null;
  image: number;
  inside: Inside;
  chosen: boolean;
  choose: () => void;
}) {
  const painting = useMemo(() => grid && { image, grid, scale: scaleOf([grid], false) }, [grid, image]);
  if (!grid || !painting) return null;
  return (
    <button
      type="button"
      className={css.tile}
      aria-pressed={chosen}
      aria-label={`${title}: ${describeMap(grid, false)}`}
      onClick={choose}
    >
      <MapCanvas painting={painting} pictures={inside.pictures} most={112} />
      <span aria-hidden="true">{title}</span>
    </button>
  );
}

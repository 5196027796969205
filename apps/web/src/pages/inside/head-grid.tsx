import { type KeyboardEvent, useMemo, useRef } from 'react';
import { Scroll } from '../../parts/scroll.tsx';
import css from './inside.module.css';
import { type Grid, headMap, headsOf, type Inside, layersOf, type Part } from './inside-file.ts';
import { MapCanvas } from './map-canvas.tsx';
import { scaleOf } from './paint.ts';
import { describeMap, headName, layerName } from './words.ts';

export type Head = { layer: string; head: number | 'mean' };

type Row = { layer: string; cells: { head: number | 'mean'; grid: Grid | null }[] };

const MOVES: Readonly<Record<string, [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Every layer and head of one image. Arrows move the choice; one tile is in the order of tabs. */
export function HeadGrid({
  inside,
  image,
  part,
  signed,
  shared,
  chosen,
  choose,
}: {
  inside: Inside;
  image: number;
  part: Part;
  signed: boolean;
  /** One scale for all maps, so that they can be compared; otherwise each has its own. */
  shared: boolean;
  chosen: Head | null;
  choose: (head: Head) => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useMemo(
    () =>
      layersOf(inside).map((layer): Row => {
        const heads = [...Array.from({ length: headsOf(inside, layer) }, (_, head) => head), 'mean' as const];
        return { layer, cells: heads.map((head) => ({ head, grid: headMap(inside, { image, layer, head, part }) })) };
      }),
    [inside, image, part],
  );
  const scale = useMemo(
    () =>
      shared
        ? scaleOf(
            rows.flatMap(({ cells }) => cells.flatMap(({ grid }) => grid ?? [])),
            signed,
          )
        : null,
    [rows, shared, signed],
  );
  if (rows.length === 0) return null;
  if (!rows.some(({ cells }) => cells.some(({ grid }) => grid !== null)))
    return <p className={css.quiet}>The attention of this image is not stored.</p>;
  const columns = Math.max(...rows.map(({ cells }) => cells.length)) - 1;

  const move = (event: KeyboardEvent) => {
    const [down, right] = MOVES[event.key] ?? [];
    if (down === undefined || right === undefined) return;
    event.preventDefault();
    const at = Math.max(
      0,
      rows.findIndex(({ layer }) => layer === chosen?.layer),
    );
    const column = Math.max(0, rows[at]?.cells.findIndex(({ head }) => head === chosen?.head) ?? 0);
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + down))];
    const cell = row?.cells[Math.min((row?.cells.length ?? 1) - 1, Math.max(0, column + right))];
    if (!row || !cell) return;
    choose({ layer: row.layer, head: cell.head });
    body.current?.querySelector<HTMLElement>(`[data-tile="${row.layer}/${cell.head}"]`)?.focus();
  };

  return (
    <Scroll label="Attention of all layers and heads" className={css.scroll}>
      <table className={css.heads}>
        <caption className="visually-hidden">Attention: a row for each layer, a column for each head</caption>
        <thead>
          <tr>
            <td />
            {Array.from({ length: columns }, (_, head) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a head is its place
              <th scope="col" key={head}>
                head {head + 1}
              </th>
            ))}
            <th scope="col">mean</th>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {rows.map(({ layer, cells }, row) => (
            <tr key={layer}>
              <th scope="row">{layerName(layer)}</th>
              {cells.map(({ head, grid }, at) => {
                const isChosen = chosen?.layer === layer && chosen.head === head;
                const own = grid && (scale ?? scaleOf([grid], signed));
                return (
                  <td key={head} colSpan={head === 'mean' ? 1 + columns - at : 1}>
                    {grid && own && (
                      <button
                        type="button"
                        className={css.tile}
                        data-tile={`${layer}/${head}`}
                        aria-pressed={isChosen}
                        tabIndex={isChosen || (chosen === null && row === 0 && at === 0) ? 0 : -1}
                        aria-label={`${layerName(layer)}, ${headName(head)}: ${describeMap(grid, signed)}`}
                        onClick={() => choose({ layer, head })}
                      >
                        <Tile grid={grid} scale={own} image={image} pictures={inside.pictures} />
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Tile({
  grid,
  scale,
  image,
  pictures,
}: {
  grid: Grid;
  scale: ReturnType<typeof scaleOf>;
  image: number;
  pictures: Inside['pictures'];
}) {
  const painting = useMemo(() => ({ image, grid, scale }), [image, grid, scale]);
  return <MapCanvas painting={painting} pictures={pictures} most={112} />;
}

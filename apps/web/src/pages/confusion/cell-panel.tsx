import type { CellImages, ConfusionView } from '@ablate/contracts';
import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, useEffect, useRef } from 'react';
import { type ConfusionParameters, cellImagesQuery, spriteQuery } from '../../data/queries.ts';
import { count, plural } from '../../format/number.ts';
import { SqlLink } from '../../parts/sql-link.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import css from './cell-panel.module.css';

/** Images in a row of the picture that the API draws. */
const COLUMNS = 8;

type Item = CellImages['items'][number];

const rankText = (rank: number): string => (Number.isInteger(rank) ? String(rank) : rank.toFixed(1));

/** "2 of 3 seeds, 87 %": how many runs of a side chose the class of the cell, and how surely. */
function saidText({ runs, votes, confidence }: Item['sides'][number]): string {
  const who = runs > 1 ? `${votes} of ${plural(runs, 'seed')}` : votes === 1 ? '' : 'another class';
  return [who, confidence === null ? '' : `${Math.round(100 * confidence)} % sure`].filter(Boolean).join(', ');
}

/** The part of the picture that is image `i` of `n`. */
function tileStyle(address: string, i: number, n: number): CSSProperties {
  const rows = Math.ceil(n / COLUMNS);
  const down = rows > 1 ? (100 * Math.floor(i / COLUMNS)) / (rows - 1) : 0;
  return {
    backgroundImage: `url("${address}")`,
    backgroundSize: `${100 * COLUMNS}% ${100 * rows}%`,
    backgroundPosition: `${(100 * (i % COLUMNS)) / (COLUMNS - 1)}% ${down}%`,
  };
}

function Images({ view, images, right }: { view: ConfusionView; images: CellImages; right: boolean }) {
  const { items, runId } = images;
  const indices = items.map(({ image }) => image);
  const { data: address, error } = useQuery({ ...spriteQuery(runId, view.split, indices), enabled: items.length > 0 });
  return (
    <>
      {error && <p className={css.absent}>The images cannot be shown: {error.message}</p>}
      <ul className={css.images}>
        {items.map(({ image, sides }, i) => (
          <li key={image}>
            {!error && (
              <span
                role="img"
                aria-label={`${view.split} image ${image}`}
                className={css.tile}
                style={address === undefined ? {} : tileStyle(address, i, items.length)}
              />
            )}
            <span className={css.number}>#{image}</span>
            {sides.map((side, of) => (
              <span key={of === 0 ? 'this' : 'other'} className={css.said}>
                {sides.length > 1 && <strong>{of === 0 ? 'this: ' : 'beside: '}</strong>}
                {saidText(side)}
                {!right && `, truth ranked ${rankText(side.rank)}`}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What each run said of the images that some run puts into this cell. */
const imagesStatement = ({ run, config, with: other, split, label, predicted }: Props['parameters']): string => {
  const of = run ? `run = '${run}'` : `config_id in ('${config}'${other ? `, '${other}'` : ''})`;
  return `select image, config_id, seed, predicted_name, confidence, rank\nfrom predictions\nwhere ${of} and split = '${split}' and label = ${Number(label)} and predicted = ${Number(predicted)}\norder by image, config_id, seed`;
};

type Props = {
  view: ConfusionView;
  parameters: ConfusionParameters & { label: string; predicted: string };
  close: () => void;
};

/** The images of a cell: what was predicted, how surely, and where the truth ranks. */
export function CellPanel({ view, parameters, close }: Props) {
  const { data, error, isPending, refetch } = useQuery(cellImagesQuery(parameters));
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const name = (index: string) => view.classes[Number(index)] ?? index;
  const right = parameters.label === parameters.predicted;
  const title = right
    ? `${name(parameters.label)}, recognised`
    : `${name(parameters.label)}, taken for ${name(parameters.predicted)}`;
  return (
    <section ref={box} className={css.panel} aria-labelledby="cell" tabIndex={-1}>
      <div className={css.head}>
        <h2 id="cell">
          <bdi>{title}</bdi>
        </h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      {isPending && <Loading what="images" />}
      {error && <Failed error={error} what="images" retry={() => void refetch()} />}
      {data && (
        <>
          <SqlLink of="images of the cell" sql={imagesStatement(parameters)} />
          <p className={css.note}>
            {data.total === 0
              ? 'No image is in this cell.'
              : data.items.length < data.total
                ? `The first ${count(data.items.length)} of ${plural(data.total, 'image')}: those on which the seeds agree most${view.sides.length > 1 ? ' and the configs differ most' : ''}.`
                : plural(data.total, 'image')}
          </p>
          {data.items.length > 0 && <Images view={view} images={data} right={right} />}
        </>
      )}
    </section>
  );
}

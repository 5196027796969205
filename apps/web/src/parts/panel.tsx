import { type ReactNode, useId, useRef } from 'react';
import { Link } from '../router/link.tsx';
import { to } from '../router/routes.ts';
import { savePng, saveSvg } from './download.ts';
import css from './panel.module.css';

export type PanelProps = {
  title: string;
  /** One sentence below the title. */
  explains?: ReactNode;
  /** Base name of downloaded files. */
  file: string;
  /** The statement that gives the same numbers. */
  sql?: string;
  /** Whether the content is a picture in SVG, which can be saved; a canvas is none. */
  picture?: boolean;
  children: ReactNode;
};

/** A part of a page with its exports: the first picture in it as SVG and PNG, its numbers as SQL. */
export function Panel({ title, explains, file, sql, picture = true, children }: PanelProps) {
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const withPicture = (use: (svg: SVGSVGElement) => void) => () => {
    const svg = body.current?.querySelector<SVGSVGElement>('svg[data-plot]');
    if (svg) use(svg);
  };
  return (
    <section className={css.panel} aria-labelledby={id}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        <div className={css.tools}>
          {picture && (
            <>
              <button type="button" onClick={withPicture((svg) => saveSvg(file, svg))}>
                SVG
              </button>
              <button type="button" onClick={withPicture((svg) => void savePng(file, svg))}>
                PNG
              </button>
            </>
          )}
          {sql && <Link href={to.sql(sql)}>SQL for this</Link>}
        </div>
      </div>
      {explains && <p className={css.explains}>{explains}</p>}
      <div ref={body}>{children}</div>
    </section>
  );
}

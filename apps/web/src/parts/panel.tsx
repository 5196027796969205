import { type ReactNode, useEffect, useRef } from 'react';
import { Exports, type ExportsProps } from './exports.tsx';
import css from './panel.module.css';
import { drawnPicture } from './picture.ts';

export type PanelProps = Omit<ExportsProps, 'picture' | 'anchor'> & {
  title: string;
  /** The fragment of its address; default: the title. */
  anchor?: string;
  /** One sentence below the title. */
  explains?: ReactNode;
  /** Its picture; default: the plots in it. Null: it has none. */
  picture?: (() => Promise<string>) | null;
  children: ReactNode;
};

const fragment = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** A part of a page with what a reader can take from it. The fragment of an address opens the page at it. */
export function Panel({ title, anchor = fragment(title), explains, picture, children, ...exports }: PanelProps) {
  const section = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (window.location.hash === `#${anchor}`) section.current?.scrollIntoView();
  }, [anchor]);
  const drawn = async () => (body.current ? drawnPicture(body.current) : undefined);
  return (
    <section ref={section} id={anchor} className={css.panel} aria-labelledby={`${anchor}-title`}>
      <div className={css.head}>
        <h2 id={`${anchor}-title`}>{title}</h2>
        <Exports anchor={anchor} picture={picture === null ? undefined : (picture ?? drawn)} {...exports} />
      </div>
      {explains && <p className={css.explains}>{explains}</p>}
      <div ref={body}>{children}</div>
    </section>
  );
}

import type { KeyboardEventHandler, ReactNode, Ref } from 'react';
import css from './scroll.module.css';

type Props = {
  label: string;
  className?: string | undefined;
  onKeyDown?: KeyboardEventHandler;
  /** The element that scrolls. */
  ref?: Ref<HTMLDivElement>;
  children: ReactNode;
};

/** What may be wider or higher than the page: it scrolls by itself, also with the keyboard. */
export function Scroll({ label, className, onKeyDown, ref, children }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark for each table
    <div
      ref={ref}
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
      tabIndex={0}
      className={`${css.scroll} ${className ?? ''}`}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

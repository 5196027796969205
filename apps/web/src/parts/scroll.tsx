import type { ReactNode } from 'react';

/** What may be wider or higher than the page: it scrolls by itself, also with the keyboard. */
export function Scroll({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark for each table
    <div role="group" aria-label={label} tabIndex={0} className={className}>
      {children}
    </div>
  );
}

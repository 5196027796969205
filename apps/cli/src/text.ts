/** Text in the columns of a terminal. Widths count columns: 2 for wide characters and emoji, 0 for combining characters. */
import stringWidth from 'string-width';

export const widthOf = (text: string): number => stringWidth(text);

const spaces = (text: string, width: number): string => ' '.repeat(Math.max(0, width - stringWidth(text)));
export const padEnd = (text: string, width: number): string => text + spaces(text, width);
export const padStart = (text: string, width: number): string => spaces(text, width) + text;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text, cut between graphemes to at most `width` columns, with an ellipsis if it is longer. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

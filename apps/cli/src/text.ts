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

/** A joiner within an emoji sequence, such as a family, and the letters of a flag such as that of Wales. */
const JOINER = '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})';
const FLAG_TAG = '(?<=\\u{1F3F4}[\\u{E0020}-\\u{E007E}]*)[\\u{E0020}-\\u{E007F}]';

/**
 * Control characters and escape sequences, with which text could move the cursor, forge rows or write the clipboard;
 * invisible and bidirectional characters; line and paragraph separators; halves of surrogate pairs.
 */
const UNSAFE = new RegExp(`(?!${JOINER}|${FLAG_TAG})[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]`, 'gu');

/**
 * Text that is safe for a terminal; line breaks are kept. Everything that a command prints passes here, whatever its source:
 * names, messages, file names.
 */
export const terminalText = (text: string): string =>
  text.replace(UNSAFE, (c) => (c === '\n' ? c : c === '\t' ? ' ' : '\uFFFD'));

/** A value that is safe for a terminal, on one line. */
export const visible = (text: string): string => terminalText(text).replaceAll('\n', '⏎');

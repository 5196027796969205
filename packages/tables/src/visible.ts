/** Text whose characters are what a reader sees: for terminals, files and pages. */

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

/** A value that is safe for a terminal or a table, on one line. */
export const visible = (text: string): string => terminalText(text).replaceAll('\n', '⏎');

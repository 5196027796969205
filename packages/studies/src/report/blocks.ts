/** A report before it is Markdown or HTML: plain text throughout, with code in backticks; each renderer escapes it for its own format. */
import type { Table } from '@ablate/tables';

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'command'; text: string }
  | { kind: 'table'; table: Table }
  /** An SVG image, and the name of its file. */
  | { kind: 'plot'; name: string; title: string; svg: string }
  /** A file of pixels in the folder of results. */
  | { kind: 'picture'; file: string; title: string };

export type Report = {
  title: string;
  /** How the results stand against what the original reported. */
  first: string;
  blocks: Block[];
};

/** A text whose parts in backticks are code. */
export const inline = (
  text: string,
  { plain, code }: { plain: (part: string) => string; code: (part: string) => string },
): string =>
  text
    .split(/`([^`\n]+)`/)
    .map((part, i) => (i % 2 === 0 ? plain(part) : code(part)))
    .join('');

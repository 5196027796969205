/** Where progress is shown: lines that stay, and below them, on a terminal, lines that are drawn over. */
import type { WriteStream } from 'node:tty';

export type Screen = {
  /** A terminal redraws `live` lines; elsewhere they are not shown. */
  readonly isLive: boolean;
  line(text: string): void;
  live(lines: readonly string[]): void;
  /** Remove the lines that were drawn over. */
  clear(): void;
};

const CURSOR_UP = (lines: number) => `\u001b[${lines}A`;
const CLEAR_BELOW = '\u001b[0J';

/** Lines are cut to the terminal's width, so that each takes one row, and to its height. */
export function openScreen(
  stream: Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>,
): Screen {
  const isLive = stream.isTTY === true;
  let drawn = 0;
  const clear = () => {
    if (drawn > 0) stream.write(`${CURSOR_UP(drawn)}\r${CLEAR_BELOW}`);
    drawn = 0;
  };
  const cut = (text: string) => {
    const width = (stream.columns ?? 80) - 1;
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  return {
    isLive,
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    live(lines) {
      if (!isLive) return;
      clear();
      const shown = lines.slice(0, Math.max(1, (stream.rows ?? 24) - 2)).map(cut);
      stream.write(shown.map((text) => `${text}\n`).join(''));
      drawn = shown.length;
    },
    clear,
  };
}

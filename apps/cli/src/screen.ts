/** Progress on a terminal: permanent lines, and below them live lines that are redrawn. */
import type { WriteStream } from 'node:tty';
import { terminalText, visible } from '@ablate/tables/visible';
import { cut } from './text.ts';

export type Screen = {
  /** Whether live lines are shown: on a terminal only. */
  readonly isLive: boolean;
  /** Write a permanent line. */
  line(text: string): void;
  /** Replace the live lines. */
  live(lines: readonly string[]): void;
  /** Remove the live lines. */
  clear(): void;
};

const CURSOR_UP = (lines: number) => `\u001b[${lines}A`;
const CLEAR_BELOW = '\u001b[0J';

/** Live lines are cut to the terminal's width, so that each takes one row, and to its height. */
export function openScreen(
  stream: Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>,
): Screen {
  const isLive = stream.isTTY === true;
  let drawn = 0;
  const clear = () => {
    if (drawn > 0) stream.write(`${CURSOR_UP(drawn)}\r${CLEAR_BELOW}`);
    drawn = 0;
  };
  return {
    isLive,
    line(text) {
      clear();
      stream.write(`${terminalText(text)}\n`);
    },
    live(lines) {
      if (!isLive) return;
      clear();
      const shown = lines
        .slice(0, Math.max(1, (stream.rows ?? 24) - 2))
        .map((text) => cut(visible(text), (stream.columns ?? 80) - 1));
      stream.write(shown.map((text) => `${text}\n`).join(''));
      drawn = shown.length;
    },
    clear,
  };
}

import assert from 'node:assert/strict';
import test from 'node:test';
import { openScreen } from '../../apps/cli/src/screen.ts';

/** Enough of a terminal: what stands on it after the escapes that the screen uses. */
function terminal(columns: number, rows: number) {
  let lines: string[] = [''];
  const write = (text: string) => {
    for (const part of text.replaceAll('\u001b', '\u241b').split(/(?=[\r\n\u241b])|(?<=[\r\n])/)) {
      const [, up, rest = part] = /^\u241b\[(?:(\d+)A|0J)(.*)$/.exec(part) ?? [];
      if (up) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ''];
      if (rest === '\n') lines.push('');
      else if (rest !== '\r') lines[lines.length - 1] += rest;
    }
    return true;
  };
  return { stream: { write, isTTY: true, columns, rows }, shown: () => lines.filter((line) => line !== '') };
}

test('lines stay above, and what is live is drawn over', () => {
  const { stream, shown } = terminal(40, 10);
  const screen = openScreen(stream);
  screen.live(['epoch 1', 'epoch 1']);
  screen.live(['epoch 2']);
  screen.line('done: a');
  screen.live(['epoch 3', 'x'.repeat(100)]);
  assert.deepEqual(shown(), ['done: a', 'epoch 3', `${'x'.repeat(38)}…`]);
  screen.clear();
  assert.deepEqual(shown(), ['done: a']);
});

test('no more is live than the terminal has rows', () => {
  const { stream, shown } = terminal(40, 6);
  openScreen(stream).live(Array.from({ length: 20 }, (_, i) => `run ${i}`));
  assert.equal(shown().length, 4);
});

test('where there is no terminal, only lines are written, without escapes', () => {
  let written = '';
  const screen = openScreen({
    write: (text: string) => {
      written += text;
      return true;
    },
  });
  screen.live(['epoch 1']);
  screen.line('done');
  screen.clear();
  assert.equal(written, 'done\n');
});

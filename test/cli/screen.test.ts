import assert from 'node:assert/strict';
import test from 'node:test';
import { openScreen } from '../../apps/cli/src/screen.ts';

/** A terminal that interprets the escapes that the screen uses. */
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

test('permanent lines stay above the live lines, which are redrawn', () => {
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

test('live lines are limited to the height of the terminal', () => {
  const { stream, shown } = terminal(40, 6);
  openScreen(stream).live(Array.from({ length: 20 }, (_, i) => `run ${i}`));
  assert.equal(shown().length, 4);
});

test('without a terminal, only permanent lines are written, without escapes', () => {
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

test('a live line with wide characters takes one row', () => {
  const { stream, shown } = terminal(12, 6);
  openScreen(stream).live(['学習中学習中学習中']);
  assert.deepEqual(shown(), ['学習中学習…']);
});

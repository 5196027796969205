import assert from 'node:assert/strict';
import test from 'node:test';
import { visible } from '@ablate/tables/visible';
import { formatTable } from '../../apps/cli/src/table.ts';
import { cut } from '../../apps/cli/src/text.ts';

test('a table aligns words left and numbers right', () => {
  const rows = [
    ['preNorm', 4, '81.20 ± 0.31'],
    ['parallelFused', 16, '9.87'],
    ['', null, undefined],
  ];
  assert.equal(
    formatTable(['ordering', 'patch', 'test %'], rows),
    [
      'ordering       patch        test %',
      '─────────────  ─────  ────────────',
      'preNorm            4  81.20 ± 0.31',
      'parallelFused     16          9.87',
      '',
    ].join('\n'),
  );
});

test('control characters are replaced', () => {
  const table = formatTable(['x'], [['a\nb\u001b[2J\u202e']]);
  assert.equal(table.split('\n').length, 3);
  assert.doesNotMatch(table.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
});

test('widths count terminal columns: wide, combining and zero-width characters, and emoji sequences', () => {
  // Columns that each takes: 4, 4, 4, 2, 2, 2.
  const names = ['日本', 'cafe\u0301', 'naïf', '👩‍👩‍👧‍👦', '🇨🇭', '👍🏽'];
  const lines = formatTable(
    ['name', 'test'],
    names.map((name) => [name, 'x']),
  ).split('\n');
  assert.deepEqual(lines, [
    'name  test',
    '────  ────',
    '日本  x',
    'cafe\u0301  x',
    'naïf  x',
    '👩‍👩‍👧‍👦    x',
    '🇨🇭    x',
    '👍🏽    x',
  ]);
  assert.equal(formatTable(['n'], [['日'], ['本語']]).split('\n')[1], '────');
});

test('a zero-width joiner is kept within an emoji sequence and replaced elsewhere', () => {
  assert.equal(visible('a\u200Db'), 'a\uFFFDb');
  assert.equal(visible('❤️‍🔥 👩🏽‍🚀'), '❤️‍🔥 👩🏽‍🚀');
});

test('text is cut between graphemes to a number of columns', () => {
  assert.equal(cut('日本語', 6), '日本語');
  assert.equal(cut('日本語', 5), '日本…');
  assert.equal(cut('日本語', 4), '日…');
  assert.equal(cut('cafe\u0301 au lait', 5), 'cafe\u0301…');
  assert.equal(cut('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3), '👩‍👩‍👧‍👦…');
});

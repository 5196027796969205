import assert from 'node:assert/strict';
import test from 'node:test';
import { formatCsv, formatTable } from '../../apps/cli/src/table.ts';

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

test('control characters of a value cannot leave their cell', () => {
  const table = formatTable(['x'], [['a\nb\u001b[2J\u202e']]);
  assert.equal(table.split('\n').length, 3);
  assert.doesNotMatch(table.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
});

test('CSV quotes what has to be quoted', () => {
  assert.equal(
    formatCsv(
      ['a', 'b,c'],
      [
        ['say "x"', null],
        ['two\nlines', 3],
      ],
    ),
    'a,"b,c"\n"say ""x""",\n"two\nlines",3',
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { type Cell, cellText, formatCsv, formatLatex, formatMarkdown, type Table } from '@ablate/tables';
import fc from 'fast-check';

const table = (rows: readonly (readonly Cell[])[]): Table => ({
  columns: [
    { head: 'config_a', right: false },
    { head: 'Δ test', right: true },
  ],
  rows,
  sentences: ['50 % of <b>'],
  legend: ['Δ: a | b'],
  data: { columns: [], rows: [] },
});

const difference: Cell = { value: -1.5, spread: 0.25, digits: 2, signed: true };

test('a table as Markdown: what has a meaning there is escaped', () => {
  assert.equal(
    formatMarkdown(
      table([
        [{ text: 'a|b *c*' }, difference],
        [{ text: '' }, null],
      ]),
    ),
    [
      '- 50 % of \\<b\\>',
      '',
      '| config\\_a | Δ test |',
      '| --- | ---: |',
      '| a\\|b \\*c\\* | -1.50 ± 0.25 |',
      '|  |  |',
      '',
      'Δ: a \\| b  ',
    ].join('\n'),
  );
});

test('a table as LaTeX: numbers go to siunitx, special characters are escaped', () => {
  const latex = formatLatex(
    table([
      [{ text: '50% & $x_1$' }, difference],
      [null, { ...difference, value: 2 }],
    ]),
  );
  assert.match(latex, /^ {2}config\\_a & \$\\Delta\$ test \\\\$/m);
  assert.match(latex, /^ {2}50\\% \\& \\\$x\\_1\\\$ & \\num\{-1\.50 \+- 0\.25\} \\\\$/m);
  assert.match(latex, /^ {2} & \\num\{\+2\.00 \+- 0\.25\} \\\\$/m);
  assert.match(latex, /\\begin\{tabular\}\{lr\}/);
});

test('no name of a config breaks out of its row, in any format', () => {
  const cell = fc.string({ unit: 'binary', maxLength: 20 }).map((text): Cell => ({ text }));
  fc.assert(
    fc.property(cell, (of) => {
      const lines = (text: string) => text.split('\n').length;
      assert.equal(lines(formatMarkdown(table([[of, null]]))), lines(formatMarkdown(table([[null, null]]))));
      assert.equal(lines(formatLatex(table([[of, null]]))), lines(formatLatex(table([[null, null]]))));
      const [, row = ''] = formatMarkdown({ ...table([[of, null]]), sentences: [] }).split('| ---: |\n');
      assert.equal(row.split('\n')[0]?.match(/(?<!\\)\|/g)?.length, 3);
      assert.doesNotMatch(cellText({ ...difference, value: 0 }), /^-/);
    }),
  );
});

test('CSV quotes separators, quotes and line breaks', () => {
  assert.equal(
    formatCsv(
      ['a', 'b,c'],
      [
        ['x"y', null],
        ['1\n2', 3],
      ],
    ),
    'a,"b,c"\n"x""y",\n"1\n2",3',
  );
});

/** Text for a terminal, with random Unicode. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { terminalText, visible } from '@ablate/tables/visible';
import fc from 'fast-check';
import { asJson, asJsonLine } from '../../apps/cli/src/command.ts';
import { openScreen } from '../../apps/cli/src/screen.ts';
import { formatRecords, formatTable } from '../../apps/cli/src/table.ts';
import { cut, widthOf } from '../../apps/cli/src/text.ts';

/** Random Unicode, rich in what a terminal interprets and in sequences that are one grapheme. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom('\u001b[2J', '\u001b]52;c;aGk=\u0007', '\u009b31m', '\u202e', '\u2066', '\r', '\n', '\t', '\0'),
      fc.constantFrom(
        '👩‍💻',
        '👩‍👩‍👧‍👦',
        '🏴󠁧󠁢󠁷󠁬󠁳󠁿',
        '🇨🇭',
        '👍🏽',
        '日本',
        'e\u0301',
        '\u200d',
        '\ufe0f',
        '\ud800',
        '\u0301',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** What must not reach a terminal. Joiners and tags are allowed in emoji only, which the next test covers. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

test('no text reaches the terminal with control characters, escape sequences or bidirectional overrides', () => {
  fc.assert(
    fc.property(text, (value) => {
      assert.doesNotMatch(terminalText(value), UNSAFE);
      assert.doesNotMatch(visible(value), /\n/);
      assert.equal(terminalText(terminalText(value)), terminalText(value), 'text that is safe stays as it is');
    }),
  );
});

test('emoji, flags, CJK and combining characters are kept', () => {
  for (const kept of ['👩‍💻', '👩🏽‍🚀', '❤️‍🔥', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '🇨🇭', '日本語', 'café', 'cafe\u0301', 'नमस्ते', 'مرحبا', 'a\nb'])
    assert.equal(terminalText(kept), kept);
});

test('JSON is safe for a terminal and reads back as the same value', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const value = { pairs };
      for (const json of [asJson(value), asJsonLine(value)]) {
        assert.equal(terminalText(json), json);
        assert.deepEqual(JSON.parse(json), value);
      }
      assert.doesNotMatch(asJsonLine(value), /\n/);
    }),
  );
});

test('every row of a table has the same columns, and cutting never splits a grapheme', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 12 }), (values, width) => {
      // An unpadded last column marks where the first one ends.
      const [, rule = '', ...rows] = formatTable(
        ['name', 'x'],
        values.map((value) => [value, 'x']),
      ).split('\n');
      const [first = ''] = rule.split('  ');
      assert.equal(rows.length, values.length);
      for (const row of rows) assert.equal(widthOf(row), first.length + 3, JSON.stringify(row));
      assert.equal(
        formatRecords(
          ['name'],
          values.map((value) => [value]),
        ).split('\n').length,
        2 * values.length,
      );

      for (const value of values.map(visible)) {
        const short = cut(value, width);
        assert.ok(widthOf(short) <= width, JSON.stringify(value));
        const whole = [...graphemes.segment(value)].map(({ segment }) => segment);
        const kept = short === value ? whole : [...graphemes.segment(short.slice(0, -1))].map(({ segment }) => segment);
        assert.deepEqual(kept, whole.slice(0, kept.length));
      }
    }),
  );
});

test('permanent and live lines of the screen are safe, whatever they contain', () => {
  for (const isTTY of [true, false]) {
    let written = '';
    const write = (part: string): boolean => {
      written += part;
      return true;
    };
    const screen = openScreen({ isTTY, columns: 20, rows: 5, write });
    screen.line('name\u001b]52;c;aGk=\u0007\u202e');
    screen.live(['\u009b2J live']);
    assert.doesNotMatch(written, UNSAFE);
    assert.match(written, /name\uFFFD\]52/);
  }
});

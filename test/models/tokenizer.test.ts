import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openTokenizer, PROMPTS, promptsOf, TokenizerError } from '@ablate/models';

/** Texts with open_clip's ids, and every merge that they ask for at its real rank: see fixtures/models/tokens.py. */
const reference: { merges: Record<string, string>; texts: [string, number[]][] } = JSON.parse(
  readFileSync(new URL('../fixtures/models/tokens.json', import.meta.url), 'utf8'),
);

/** A file of CLIP's length: the real merges where a text needs them, pairs that no text has elsewhere. */
const lines = Array.from({ length: 48_894 }, (_, rank) => reference.merges[rank] ?? `\u{10fffd}${rank} \u{10fffd}`);
const file = (merges: string[]) => new TextEncoder().encode(['#version: 0.2', ...merges, 'more merges', ''].join('\n'));
const tokenizer = openTokenizer(gzipSync(file(lines)));

for (const [text, ids] of reference.texts)
  test(`${JSON.stringify(text)} has open_clip’s ids`, () => assert.deepEqual(tokenizer.encode(text), ids));

test('a row starts with 49406, ends with 49407 and is filled with zeros', () => {
  assert.deepEqual(
    [...tokenizer.tokenize(['a photo of a cat.', ''], { context: 9 })],
    [49406, 320, 1125, 539, 320, 2368, 269, 49407, 0, 49406, 49407, 0, 0, 0, 0, 0, 0, 0],
  );
  assert.equal(tokenizer.tokenize(['a']).length, 77);
});

test('a text that is too long is named, or truncated with its end token', () => {
  assert.throws(
    () => tokenizer.tokenize(['ok', 'a photo of a cat.'], { context: 6 }),
    /text 2, "a photo of a cat\.", has 8 tokens.* 6/,
  );
  assert.deepEqual(
    [...tokenizer.tokenize(['a photo of a cat.'], { context: 6, truncate: true })],
    [49406, 320, 1125, 539, 320, 49407],
  );
});

test('an invalid vocabulary file is refused with the reason', () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => openTokenizer(bytes),
      (error: unknown) => error instanceof TokenizerError && message.test(error.message),
    );
  refused(file(lines.slice(0, 100)), /is not two symbols|this file has/);
  refused(new TextEncoder().encode(['v', ...lines.slice(0, 100)].join('\n')), /48894 merges, this file has 100/);
  refused(gzipSync(file(lines)).subarray(0, 1000), /cannot be unzipped/);
  refused(file(['one', ...lines]), /line "one" is not two symbols/);
});

test('prompts: 80, the subset of 7, and one; each names the class', () => {
  assert.deepEqual(
    Object.values(PROMPTS).map((set) => set.length),
    [1, 7, 80],
  );
  assert.equal(new Set(PROMPTS.eighty).size, 80);
  for (const template of PROMPTS.eighty) assert.match(template, /\{c\}/);
  for (const template of PROMPTS.seven) assert.ok(PROMPTS.eighty.includes(template));
  assert.deepEqual(promptsOf('one', 'tabby cat'), ['a photo of a tabby cat.']);
});

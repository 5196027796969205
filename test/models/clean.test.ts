/** CLIP's cleaning of texts against Python: fixtures/models/html-text.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cleanText, unescapeHtml } from '@ablate/models';

const fixture: Record<'unescaped' | 'cleaned', [text: string, wanted: string][]> = JSON.parse(
  readFileSync(new URL('../fixtures/models/html-text.json', import.meta.url), 'utf8'),
);

/** The first token that differs: texts list thousands of references, with a space between them. */
function assertSame(found: string, wanted: string, text: string): void {
  if (found === wanted) return;
  const [references, ours, theirs] = [text, found, wanted].map((value) => value.split(' '));
  const at = theirs?.findIndex((value, index) => value !== ours?.[index]) ?? 0;
  assert.equal(ours?.[at], theirs?.[at], `near ${JSON.stringify(references?.slice(at, at + 2).join(' '))}`);
  assert.equal(found, wanted);
}

test('HTML references are decoded as Python’s html.unescape decodes them: names, prefixes, numbers, invalid ones', () => {
  for (const [text, wanted] of fixture.unescaped) assertSame(unescapeHtml(text), wanted, text);
});

test('texts are cleaned as CLIP cleans them with ftfy', () => {
  for (const [text, wanted] of fixture.cleaned) assertSame(cleanText(text), wanted, text);
});

/**
 * What CLIP does to a text before tokenisation: ftfy's `fix_text`, HTML unescaped twice, white space collapsed, lower case.
 * Of ftfy only the repair of wrongly decoded text (mojibake) is missing: prompts and class names contain none.
 */
import { fromWindows1252, unescapeClosed, unescapeHtml } from './html-entities.ts';

const LIGATURES = new Map(
  'Ĳ:IJ ĳ:ij ŉ:ʼn Ǳ:DZ ǲ:Dz ǳ:dz Ǆ:DŽ ǅ:Dž ǆ:dž Ǉ:LJ ǈ:Lj ǉ:lj Ǌ:NJ ǋ:Nj ǌ:nj ﬀ:ff ﬁ:fi ﬂ:fl ﬃ:ffi ﬄ:ffl ﬅ:ſt ﬆ:st'
    .split(' ')
    .map((pair): [string, string] => [pair.charAt(0), pair.slice(2)]),
);

const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[a-zA-Z]`, 'g');

/** ftfy's list: control characters that are not white space, and invisible marks. */
function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return ![9, 10, 12, 13].includes(code);
  return code === 0x7f || (code >= 0x206a && code <= 0x206f) || code === 0xfeff || (code >= 0xfff9 && code <= 0xfffc);
}

/** ftfy's steps, in its order. */
const FIXES: ((text: string) => string)[] = [
  (text) => text.replace(/[\u0080-\u009f]/g, (c) => fromWindows1252(c.charCodeAt(0))),
  (text) => text.replace(/[Ĳĳŉ\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g, (c) => LIGATURES.get(c) ?? c),
  (text) => text.replace(/[\u3000\uff01-\uffef]/g, (c) => c.normalize('NFKC')),
  (text) => text.replace(/[\u02bc\u2018-\u201b]/g, "'").replace(/[\u201c-\u201f]/g, '"'),
  (text) => text.replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n'),
  (text) => Buffer.from(text, 'utf8').toString('utf8'), // lone surrogates become U+FFFD
  (text) => text.replace(ESCAPE, ''),
  (text) => [...text].filter((c) => !isControl(c)).join(''),
  (text) => text.normalize('NFC'),
];

/** Repeat the fixes until nothing changes. A text that may contain a tag keeps its entities. */
function fixText(text: string): string {
  const decode = text.includes('<') ? (value: string) => value : unescapeClosed;
  let [before, after] = ['', text];
  while (before !== after) {
    before = after;
    after = FIXES.reduce((value, fix) => fix(value), decode(before));
  }
  return after;
}

/** A text as CLIP's tokeniser reads it. */
export const cleanText = (text: string): string =>
  unescapeHtml(unescapeHtml(fixText(text)))
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();

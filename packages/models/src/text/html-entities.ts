/** Character references of HTML 5, decoded as Python's `html.unescape` and ftfy decode them. `entities` knows the names. */
import { decodeHTML, decodeHTMLStrict, replaceCodePoint } from 'entities/decode';

/** U+0080 to U+009F as Windows-1252 has them. Node's own decoder reads them as Latin-1 in some releases. */
export const fromWindows1252 = (code: number): string => String.fromCodePoint(replaceCodePoint(code));

const isControl = (code: number): boolean => (code < 0x20 && ![0, 9, 10, 12, 13].includes(code)) || code === 0x7f;
/** The last two code points of every plane, and U+FDD0 to U+FDEF. */
const isNoncharacter = (code: number): boolean => (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);

/** Python drops controls and noncharacters; HTML 5 and `entities` keep them. */
function fromDigits(digits: string): string {
  const code = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  const dropped = code <= 0x10ffff && (isControl(code) || isNoncharacter(code));
  return dropped ? '' : String.fromCodePoint(replaceCodePoint(code));
}

/** Python's `html.unescape`: a name may lack its semicolon if HTML allows that, and the longest known prefix counts. */
export const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#([0-9]+|[xX][0-9a-fA-F]+);?|[^\t\n\f <&#;]{1,32};?)/g, (reference, digits?: string) =>
    digits === undefined ? decodeHTML(reference) : fromDigits(digits),
  );

/** ftfy's `unescape_html`: only references that end in a semicolon. A name in capitals stands for capitals: `&EACUTE;`. */
export const unescapeClosed = (text: string): string =>
  text.replace(/&#?[0-9A-Za-z]{1,24};/g, (reference) => {
    if (reference.startsWith('&#')) {
      const character = unescapeHtml(reference);
      return character.includes(';') ? reference : character;
    }
    const decoded = decodeHTMLStrict(reference);
    if (decoded !== reference) return decoded;
    if (reference !== reference.toUpperCase() || unescapeHtml(reference) !== reference) return reference;
    const lower = reference.toLowerCase();
    const letter = decodeHTMLStrict(lower);
    return letter === lower ? reference : letter.toUpperCase();
  });

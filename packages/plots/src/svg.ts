/** SVG as text. Everything that is written into it is escaped here. */
import { INK } from './colors.ts';

const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters and lone surrogates, which XML does not allow even as references. */
const FORBIDDEN = /(?![\t\n])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu;

/** Text for content and attributes. */
const escaped = (text: string): string =>
  text.replace(FORBIDDEN, '\uFFFD').replace(/[&<>"']/g, (character) => SPECIAL[character] ?? character);

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A coordinate to a hundredth of a pixel. */
const written = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value);

/** An element. `children` are SVG already; text goes through `textAt`. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${written(value)}"`],
  );
  return children.length === 0
    ? `<${name}${list.join('')}/>`
    : `<${name}${list.join('')}>${children.join('')}</${name}>`;
}

const FONT_SIZE = 12;

/** Width of a text in pixels, about: no font is measured here. */
export const textWidth = (text: string, size = FONT_SIZE): number => {
  let width = 0;
  for (const character of text) width += /[\u1100-\uFFDC]|\p{Extended_Pictographic}/u.test(character) ? 1 : 0.56;
  return width * size;
};

/** A text that is cut to `most` pixels. */
export function cutText(text: string, most: number, size = FONT_SIZE): string {
  if (textWidth(text, size) <= most) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > most) characters.pop();
  return `${characters.join('')}…`;
}

export const textAt = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  element('text', { x, y, fill: INK.text2, ...attributes }, escaped(text));

/** A whole image on white, which a reader of the page hears as its title and description. */
export function image(
  { width, height, title, description }: { width: number; height: number; title: string; description: string },
  ...children: readonly string[]
): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'font-family': "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif",
      'font-size': FONT_SIZE,
    },
    element('title', {}, escaped(title)),
    element('desc', {}, escaped(description)),
    element('rect', { width, height, fill: '#ffffff' }),
    textAt(12, 20, cutText(title, width - 24, 14), { fill: INK.text, 'font-size': 14, 'font-weight': 600 }),
    ...children,
  );
}

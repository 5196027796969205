/** A report as one HTML file that needs no other file: plots are SVG in the text, pictures are data URLs. Readable on screen and in print. */
import { cellText, type Table } from '@ablate/tables';
import { type Block, inline, type Report } from './blocks.ts';

const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => SPECIAL[character] ?? character);

/** Text of a sentence: what stands in backticks is code. */
const sentence = (text: string): string =>
  inline(text, { plain: escaped, code: (part) => `<code>${escaped(part)}</code>` });

const STYLE = `
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1.5rem; color: #16202b; background: #fff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.first { margin: 0 0 1.25rem; padding: .75rem 1rem; border-left: 4px solid #0072b2; background: #f5f7f9; font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #d5dbe1; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #8b96a3; } .right { text-align: right; white-space: nowrap; }
.long { min-width: 13em; }
.legend { color: #4d5a68; font-size: .8125rem; margin: .4rem 0 0; } pre { padding: .75rem 1rem; background: #f5f7f9; overflow-x: auto; }
figure { margin: 1rem 0; } figcaption { color: #4d5a68; font-size: .875rem; margin-bottom: .35rem; }
.plots { display: flex; flex-wrap: wrap; gap: .5rem 1rem; } .plots figure { margin: 0; }
.picture { max-width: 29.5rem; } .plots .picture { margin-bottom: 1rem; }
svg, img { max-width: 100%; height: auto; } img { image-rendering: pixelated; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; } }
`;

const listHtml = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${sentence(item)}</li>`).join('')}</ul>`;

/** Characters of a cell that is kept wide: a browser would break it after each word. */
const LONG = 20;

function tableHtml({ columns, rows, sentences, legend }: Table): string {
  const cell = (tag: 'th' | 'td', text: string, i: number) => {
    const look = columns[i]?.right ? ' class="right"' : text.length > LONG ? ' class="long"' : '';
    return `<${tag}${tag === 'th' ? ' scope="col"' : ''}${look}>${escaped(text)}</${tag}>`;
  };
  const row = (tag: 'th' | 'td', texts: readonly string[]) =>
    `<tr>${texts.map((text, i) => cell(tag, text, i)).join('')}</tr>`;
  return [
    ...(sentences.length > 0 ? [listHtml(sentences)] : []),
    `<div class="wide"><table><thead>${row(
      'th',
      columns.map(({ head }) => head),
    )}</thead><tbody>`,
    ...rows.map((cells) => row('td', cells.map(cellText))),
    '</tbody></table></div>',
    ...(legend.length > 0 ? [`<p class="legend">${legend.map(escaped).join('<br>')}</p>`] : []),
  ].join('\n');
}

function blockHtml(block: Block, picture: (file: string) => string): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'paragraph':
      return `<p>${sentence(block.text)}</p>`;
    case 'list':
      return listHtml(block.items);
    case 'command':
      return `<pre><code>${escaped(block.text)}</code></pre>`;
    case 'table':
      return tableHtml(block.table);
    case 'plot':
      return `<figure>${block.svg}</figure>`;
    case 'picture':
      return `<figure class="picture"><figcaption>${escaped(block.title)}</figcaption><img src="${escaped(picture(block.file))}" alt="${escaped(block.title)}"></figure>`;
  }
}

/** Plots and pictures that follow each other stand side by side where there is room. */
function joinedBlocks(blocks: readonly Block[], picture: (file: string) => string): string {
  const parts: string[] = [];
  let plots: string[] = [];
  const flush = () => {
    if (plots.length > 0) parts.push(`<div class="plots">${plots.join('\n')}</div>`);
    plots = [];
  };
  for (const block of blocks) {
    if (block.kind === 'plot' || block.kind === 'picture') plots.push(blockHtml(block, picture));
    else {
      flush();
      parts.push(blockHtml(block, picture));
    }
  }
  flush();
  return parts.join('\n');
}

/** `picture` gives the address of a picture, a data URL. */
export const reportHtml = ({ title, first, blocks }: Report, picture: (file: string) => string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="first">${sentence(first)}</p>
<h1>${escaped(title)}</h1>
${joinedBlocks(blocks, picture)}
</body>
</html>
`;

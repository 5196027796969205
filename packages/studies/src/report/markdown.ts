/** A report as Markdown. Plots and pictures are files beside it. */

import type { ScaleName } from '@ablate/contracts';
import { formatMarkdown } from '@ablate/tables';
import { type Block, inline, type Report } from './blocks.ts';

const SPECIAL = /[\\`*_[\]<>|~#]/g;

/** Text that Markdown shows as it is; what stands in backticks stays code. */
export const markdownText = (text: string): string =>
  inline(text, {
    plain: (part) => part.replace(SPECIAL, (c) => `\\${c}`).replaceAll('\n', ' '),
    code: (part) => `\`${part}\``,
  });

/** Addresses of the files of plots and pictures, from the Markdown file in `report/`. */
const filesOf = (scale: ScaleName) => ({
  plot: (name: string) => `${scale}/${name}.svg`,
  picture: (file: string) => `../results/${scale}/${file}`,
});

function blockText(block: Block, files: ReturnType<typeof filesOf>): string {
  switch (block.kind) {
    case 'heading':
      return `## ${markdownText(block.text)}`;
    case 'paragraph':
      return markdownText(block.text);
    case 'list':
      return block.items.map((item) => `- ${markdownText(item)}`).join('\n');
    case 'command':
      return `\`\`\`sh\n${block.text}\n\`\`\``;
    case 'table':
      return formatMarkdown(block.table);
    case 'plot':
      return `![${markdownText(block.title)}](${files.plot(block.name)})`;
    case 'picture':
      return `![${markdownText(block.title)}](${files.picture(block.file)})`;
  }
}

export const reportMarkdown = ({ title, first, blocks }: Report, scale: ScaleName): string => {
  const files = filesOf(scale);
  const parts = [`**${markdownText(first)}**`, `# ${markdownText(title)}`];
  return `${[...parts, ...blocks.map((block) => blockText(block, files))].join('\n\n')}\n`;
};
